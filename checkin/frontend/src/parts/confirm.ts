/* A second question before something that cannot be taken back. */

/** Opens `<dialog id=X>` for a form with `data-confirm="X"`; the dialog's button sends it. */
export function askFirst(form: HTMLFormElement): void {
  const dialog = document.getElementById(form.dataset["confirm"] ?? "");
  if (!(dialog instanceof HTMLDialogElement)) return;
  let sender: HTMLElement | null = null;
  let agreed = false;
  form.addEventListener("submit", (event) => {
    if (agreed) return;
    event.preventDefault();
    sender = event.submitter;
    dialog.returnValue = "";
    dialog.showModal();
  });
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "yes") return;
    agreed = true;
    form.requestSubmit(sender);
  });
}
