// Builds elements. Text becomes a text node and never markup: what clients and peers write (keys, values, notes) is hostile.

const svgNamespace = 'http://www.w3.org/2000/svg';

/** Makes an HTML element. A function is a listener (onclick), true an empty attribute, and what is null or false is left out. */
export function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** Makes an SVG element. Its looks are attributes and classes: the page's policy allows no inline style. */
export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(svgNamespace, name), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** The element of this page with that id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Sets a text, but only when it is another one: readers of screens are told of every change, and selections are lost with it. */
export function setText(node, text) {
  const written = String(text);
  if (node.textContent !== written) node.textContent = written;
}

/** Sets an attribute, or with null takes it away, but only when that changes it. */
export function setAttribute(node, name, value) {
  if (value === null) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
  } else if (node.getAttribute(name) !== String(value)) {
    node.setAttribute(name, String(value));
  }
}

/** Shows or hides. */
export function show(node, visible) {
  if (node.hidden === visible) node.hidden = !visible;
}

/** Makes the element with this id one with these children. */
export function replace(node, ...children) {
  node.replaceChildren(...children.filter((child) => child !== null && child !== undefined));
}

/** How many times larger than usual letters are: what is drawn grows with them. */
export function letterScale() {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) / 15;
}
