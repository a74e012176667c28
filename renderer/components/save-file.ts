/** Hands a file to the browser's own "save": the way that works in a window and in a browser alike. */
export function saveText(text: string, name: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken the address by then; a leaked one would keep the text in memory.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
