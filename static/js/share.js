/* Shows the buttons that open the device's own share sheet, where it has one: for the link, and for the picture where
   it takes files. Copying the link and saving the pictures work without. */

if (navigator.share) {
  for (const button of document.querySelectorAll("[data-share]")) {
    const { share: url, title } = button.dataset;
    offer(button, () => ({ title, url }));
  }
}

if (navigator.canShare?.({ files: [new File([], "picture.png", { type: "image/png" })] })) {
  for (const button of document.querySelectorAll("[data-share-picture]")) {
    offer(button, async () => ({ files: [await pictureOf(button.dataset)] }));
  }
}

function offer(button, shared) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await navigator.share(await shared());
    } catch (error) {
      // Who closes the sheet has changed their mind; all else is a fault.
      if (error.name !== "AbortError") throw error;
    } finally {
      button.disabled = false;
    }
  });
}

async function pictureOf({ sharePicture: url, file }) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(answer.status);
  return new File([await answer.blob()], file, { type: "image/png" });
}
