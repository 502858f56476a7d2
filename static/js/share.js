/* Shows the buttons that open the device's own share sheet, where it has one. Copying the link works without. */

if (navigator.share) {
  for (const button of document.querySelectorAll("[data-share]")) {
    button.hidden = false;
    button.addEventListener("click", () => share(button.dataset));
  }
}

async function share({ share: url, title }) {
  try {
    await navigator.share({ title, url });
  } catch (error) {
    // Who closes the sheet has changed their mind; all else is a fault.
    if (error.name !== "AbortError") throw error;
  }
}
