// Makes a file of a diagram that needs nothing beside itself: what the style sheet says is written into its attributes.

const looks = ['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-opacity', 'stroke-dasharray', 'stroke-linecap', 'opacity', 'font-family', 'font-size', 'font-weight'];

/** The text of an SVG file that looks like the diagram on the page now. */
export function toSvgFile(diagram, title) {
  const copy = diagram.cloneNode(true);
  const originals = diagram.querySelectorAll('*');
  copy.querySelectorAll('*').forEach((node, index) => {
    if (node.tagName === 'title') return;
    const style = getComputedStyle(originals[index]);
    for (const name of looks) {
      const value = style.getPropertyValue(name);
      if (value !== '' && value !== 'none' || name === 'fill') node.setAttribute(name, value);
    }

    node.removeAttribute('class');
  });
  copy.querySelector('g[transform]')?.removeAttribute('transform'); // the names of a scrolled diagram go back to their place
  const namespace = 'http://www.w3.org/2000/svg';
  const ground = document.createElementNS(namespace, 'rect');
  ground.setAttribute('width', '100%');
  ground.setAttribute('height', '100%');
  ground.setAttribute('fill', getComputedStyle(diagram.closest('.panel')).backgroundColor);
  const name = document.createElementNS(namespace, 'title');
  name.textContent = title;
  copy.prepend(name, ground);
  copy.removeAttribute('class');
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copy)}\n`;
}

/** Has the browser keep a text as a file. */
export function save(name, text, type) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000); // some browsers read it after the click has returned
}
