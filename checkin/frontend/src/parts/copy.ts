/* A button that copies a text of its page. */

/** Copies the text of the element named in `data-copy`, and says so on the button. */
export function copyOnClick(button: HTMLButtonElement): void {
  const source = document.getElementById(button.dataset["copy"] ?? "");
  if (!source || !navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const text = source instanceof HTMLInputElement ? source.value : source.innerText;
    void navigator.clipboard.writeText(text.trim()).then(() => {
      const label = button.querySelector("span") ?? button;
      label.textContent = button.dataset["copied"] ?? "✓";
    });
  });
}
