/* Shows the buttons that copy the value of a field, and says when it is done; again when the page was swapped. */

show();
document.addEventListener("swapped", show);

function show() {
  for (const button of document.querySelectorAll("[data-copy][hidden]")) {
    const field = document.getElementById(button.dataset.copy);
    const word = button.textContent;
    button.hidden = false;
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      button.textContent = (await copy(field)) ? "Copied" : "Press Ctrl+C";
      setTimeout(() => { button.textContent = word; }, 2500);
    });
  }
}

/* Where the clipboard is closed to scripts, an address without HTTPS say, the selected text is left to the member. */
async function copy(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.select();
    return document.execCommand("copy");
  }
}
