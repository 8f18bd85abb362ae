"""The darkroom: ways of making a grey picture easier to read, each a pure function."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]


def adaptive_mean(gray: Gray) -> Gray:
    """Return *gray* blurred and thresholded by its neighbourhood (mean of 25 pixels)."""
    blurred = cv2.GaussianBlur(gray, (5, 5), 0)
    return as_gray(
        cv2.adaptiveThreshold(
            blurred, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 25, 2
        )
    )


def adaptive_gauss(gray: Gray, block: int = 35, sigma: float = 0.8) -> Gray:
    """Return *gray* lightly blurred and thresholded by a Gaussian neighbourhood."""
    blurred = cv2.GaussianBlur(gray, (0, 0), sigma)
    return as_gray(
        cv2.adaptiveThreshold(
            blurred, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, block, 2
        )
    )


def equalised(gray: Gray) -> Gray:
    """Return *gray* with its histogram spread over the whole range."""
    return as_gray(cv2.equalizeHist(gray))


def median_adaptive(gray: Gray) -> Gray:
    """Return *gray* without salt and pepper, then thresholded."""
    return adaptive_gauss(as_gray(cv2.medianBlur(gray, 3)))


def clahe(gray: Gray) -> Gray:
    """Return *gray* with its contrast limited and equalised tile by tile."""
    return as_gray(cv2.createCLAHE(4.0, (8, 8)).apply(gray))


def half_adaptive(gray: Gray) -> Gray:
    """Return *gray* at half size, thresholded: shake and moire average out."""
    return adaptive_mean(
        as_gray(cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    )


def enlarged(gray: Gray) -> Gray:
    """Return *gray* enlarged 1.6 times: for a phone held far away."""
    return as_gray(cv2.resize(gray, None, fx=1.6, fy=1.6, interpolation=cv2.INTER_CUBIC))


def unsharp(gray: Gray) -> Gray:
    """Return *gray* with its edges raised: for a camera slightly out of focus."""
    soft = cv2.GaussianBlur(gray, (0, 0), 2.0)
    return as_gray(cv2.addWeighted(gray, 2.2, soft, -1.2, 0))


def framed_white(gray: Gray) -> Gray:
    """Return *gray* on a white card: for a code cut out without its quiet zone."""
    return _framed(gray, 255)


def framed_black(gray: Gray) -> Gray:
    """Return *gray* on a black card: for a light-on-dark code without its quiet zone."""
    return _framed(gray, 0)


def unchanged(gray: Gray) -> Gray:
    """Return *gray* as it is."""
    return gray


def as_gray(picture: object) -> Gray:
    """Return an OpenCV answer as the 8-bit grey picture it is."""
    return np.asarray(picture, dtype=np.uint8)


def _framed(gray: Gray, level: int) -> Gray:
    margin = max(max(gray.shape) // 8, 8)
    return as_gray(
        cv2.copyMakeBorder(
            gray, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=level
        )
    )
