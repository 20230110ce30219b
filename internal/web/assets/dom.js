// Making elements. Everything that comes from the server goes in as text, never as markup.

// h makes an element: attributes and on... handlers in props, text and elements in children.
export function h(tag, props, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(props || {})) {
    if (v === undefined || v === null || v === false) continue;
    if (k.startsWith('on')) e.addEventListener(k.slice(2), v);
    else if (k === 'vars') for (const [name, val] of Object.entries(v)) e.style.setProperty(name, val);
    else e.setAttribute(k, v === true ? '' : v);
  }
  add(e, children);
  return e;
}

export function add(e, children) {
  for (const c of children.flat(Infinity)) {
    if (c === undefined || c === null || c === false || c === '') continue;
    e.append(c.nodeType ? c : String(c));
  }
  return e;
}

// fill gives an element other children. If the focus was inside it goes to what has the same data-key now.
export function fill(e, ...children) {
  const had = document.activeElement;
  const key = had && had !== e && e.contains(had) ? had.dataset.key : undefined;
  e.replaceChildren();
  add(e, children);
  if (key !== undefined) {
    const now = e.querySelector(`[data-key="${CSS.escape(key)}"]`);
    const to = now && !now.disabled ? now : e.closest('[data-keys]') || e.closest('[tabindex]');
    if (to) to.focus({preventScroll: true});
  }
  return e;
}

const svgNS = 'http://www.w3.org/2000/svg';

export function svg(tag, props, ...children) {
  const e = document.createElementNS(svgNS, tag);
  for (const [k, v] of Object.entries(props || {})) {
    if (v === undefined || v === null || v === false) continue;
    if (k.startsWith('on')) e.addEventListener(k.slice(2), v);
    else e.setAttribute(k, v);
  }
  return add(e, children);
}

export function count(n, one, many) {
  return n === 1 ? `1 ${one}` : `${n.toLocaleString('en')} ${many || one + 's'}`;
}
