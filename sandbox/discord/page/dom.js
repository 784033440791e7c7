// Builds elements. Text always becomes text nodes, so user text is never parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";
const AS_PROPERTY = new Set(["value", "checked", "disabled", "hidden", "open", "selected", "muted", "indeterminate"]);

/** Make an element: `on…` functions become listeners; true sets an attribute and false omits it. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  set(element, props);
  element.append(...flat(children));
  return element;
}

export function set(element, props) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (name.startsWith("on") && typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (AS_PROPERTY.has(name)) element[name] = value ?? "";
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  return element;
}

/** Replace an element's children. */
export function fill(element, ...children) {
  element.replaceChildren(...flat(children));
  return element;
}

/**
 * Redraw a part of the page. What has the focus keeps it, with the selection, and entries in elements of the class
 * `kept` stay as they are.
 */
export function redraw(root, draw) {
  const before = document.activeElement;
  const alike = () => [...root.querySelectorAll(before.tagName)].filter((one) => label(one) === label(before));
  const place = alike().indexOf(before);
  const { selectionStart: start, selectionEnd: end } = before;
  const entries = [...root.querySelectorAll(".kept")].map((one) => [label(one), one.value]);
  draw();
  for (const [name, value] of entries) {
    const entry = [...root.querySelectorAll(".kept")].find((one) => label(one) === name);
    if (entry && (entry.tagName !== "SELECT" || [...entry.options].some((one) => one.value === value))) entry.value = value;
  }
  const after = place < 0 ? null : alike()[place];
  after?.focus();
  if (after?.type === "text") after.setSelectionRange(start, end);
}

function label(control) {
  return control.getAttribute("aria-label") ?? control.textContent;
}

function flat(children) {
  return children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false && one !== "");
}

/** Draw a 24 × 24 icon from the `d` attribute of its path. */
export function svg(d, props = {}) {
  const icon = document.createElementNS(SVG, "svg");
  set(icon, { viewBox: "0 0 24 24", "aria-hidden": "true", class: "icon", ...props });
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", d);
  icon.append(path);
  return icon;
}

/** Return whether an address may be linked to or loaded. */
export function safeUrl(url) {
  try {
    const parsed = new URL(url, location.href);
    return ["http:", "https:"].includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

export function debounce(wait, action) {
  let timer = 0;
  const later = (...args) => {
    clearTimeout(timer);
    timer = setTimeout(action, wait, ...args);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
}
