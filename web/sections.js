// @ts-check
// The sections of the text mirror: one for each part of the debugger, with its lines, controls and table. What
// they say and which verbs they send is the program's (session/facet.h); what somebody is typing stays.

/**
 * @typedef {{verb: string, label: string, pressed?: boolean, disabled?: boolean, args?: Record<string, any>}} SectionButton
 * @typedef {{verb: string, arg: string, label: string, value?: any, kind?: string, error?: string, disabled?: boolean,
 *            args?: Record<string, any>, options?: {value: any, label: string}[]}} SectionInput
 * @typedef {{title: string, id: string, lines?: string[], buttons?: SectionButton[], inputs?: SectionInput[], table?: any[][]}} Section
 * @typedef {(verb: string, words?: Record<string, any>) => void} Press
 */

// A page of text is enough for one section; more would only make the page slow.
const MOST_LINES = 200, MOST_CONTROLS = 200, MOST_ROWS = 500, MOST_COLUMNS = 80;

/** Sets text only when it differs. @param {Element} e @param {string} text */
function say(e, text) {
  if (e.textContent !== text) e.textContent = text;
}

/** @template {keyof HTMLElementTagNameMap} K @param {K} tag @param {Element} parent @param {string} [name] */
function make(tag, parent, name) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  parent.append(made);
  return made;
}

/** Children of `parent`, as many as wanted: kept, made, or taken away from the end. @param {Element} parent @param {string} tag @param {number} count */
function children(parent, tag, count) {
  while (parent.children.length > count) parent.lastElementChild?.remove();
  while (parent.children.length < count) parent.append(document.createElement(tag));
  return [...parent.children];
}

/** @param {Element} parent @param {Section[]} wanted @param {Press} press */
export function renderSections(parent, wanted, press) {
  const ids = new Set(wanted.map(section => section.id));
  for (const there of [...parent.children]) if (!ids.has(/** @type {HTMLElement} */ (there).dataset.id ?? '')) there.remove();
  wanted.forEach((section, i) => {
    let there = [...parent.children].find(e => /** @type {HTMLElement} */ (e).dataset.id === section.id);
    if (!there) {
      there = document.createElement('section');
      /** @type {HTMLElement} */ (there).dataset.id = section.id;
      const heading = make('h2', there);
      heading.id = `section-${section.id}`;
      there.setAttribute('aria-labelledby', heading.id);
      make('div', there, 'lines');
      const buttons = make('div', there, 'buttons');
      buttons.setAttribute('role', 'group');
      buttons.setAttribute('aria-labelledby', heading.id);
      make('div', there, 'inputs');
      const table = make('table', there);
      make('caption', table);
      make('tbody', table);
    }
    // Moving an element takes the focus away from what is in it.
    if (parent.children[i] !== there && !there.contains(document.activeElement)) parent.insertBefore(there, parent.children[i] ?? null);
    fill(/** @type {HTMLElement} */ (there), section, press);
  });
}

/** @param {HTMLElement} there @param {Section} section @param {Press} press */
function fill(there, section, press) {
  const part = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (there.querySelector(`:scope > ${selector}`));
  say(part('h2'), section.title);
  const lines = (section.lines ?? []).slice(0, MOST_LINES);
  children(part('.lines'), 'p', lines.length).forEach((p, i) => say(p, String(lines[i])));
  fillButtons(part('.buttons'), (section.buttons ?? []).slice(0, MOST_CONTROLS), press);
  fillInputs(part('.inputs'), section, press);
  fillTable(/** @type {HTMLTableElement} */ (part('table')), section);
}

/** What a button means is kept beside it, for its listener: its arguments may change. @type {WeakMap<Element, SectionButton>} */
const meanings = new WeakMap();

/** @param {HTMLElement} bar @param {SectionButton[]} wanted @param {Press} press */
function fillButtons(bar, wanted, press) {
  bar.hidden = wanted.length === 0;
  // By what they do: the button that has the focus must not come to mean something else between two presses.
  const counts = new Map();
  const names = wanted.map(b => {
    const name = JSON.stringify([b.verb, b.args ?? {}, b.pressed === undefined || b.pressed === null ? b.label : '']);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    return `${name} ${counts.get(name)}`;
  });
  const there = new Map([...bar.children].map(e => [/** @type {HTMLElement} */ (e).dataset.name ?? '', e]));
  for (const [name, e] of there) {
    if (names.includes(name)) continue;
    // The focus stays in the group, on nothing that the next press could set off.
    if (e === document.activeElement) {
      bar.tabIndex = -1;
      bar.focus();
    }
    e.remove();
  }
  wanted.forEach((b, i) => {
    const button = /** @type {HTMLButtonElement} */ (there.get(names[i]) ?? document.createElement('button'));
    button.dataset.name = names[i];
    // Moving an element takes the focus away from it.
    if (!button.parentElement) bar.insertBefore(button, bar.children[i] ?? null);
    else if (bar.children[i] !== button && button !== document.activeElement) bar.insertBefore(button, bar.children[i] ?? null);
    if (!meanings.has(button)) {
      button.type = 'button';
      button.addEventListener('click', () => {
        const meaning = meanings.get(button);
        if (meaning && !meaning.disabled) press(meaning.verb, meaning.args ?? {});
      });
    }
    meanings.set(button, b);
    button.dataset.verb = b.verb;
    say(button, b.label);
    button.setAttribute('aria-disabled', String(b.disabled ?? false));
    if (b.pressed === undefined || b.pressed === null) button.removeAttribute('aria-pressed');
    else button.setAttribute('aria-pressed', String(b.pressed));
  });
}

/** @type {WeakMap<Element, {now: SectionInput, shown: string}>} */ const inputs = new WeakMap();

/** @param {HTMLElement} bar @param {Section} section @param {Press} press */
function fillInputs(bar, section, press) {
  const wanted = (section.inputs ?? []).slice(0, MOST_CONTROLS);
  bar.hidden = wanted.length === 0;
  // By what they are for, so that the one being typed into stays when others come and go.
  const name = (/** @type {SectionInput} */ input) => `${input.verb}-${input.arg}-${JSON.stringify(input.args ?? {})}-${input.kind === 'list'}`;
  const names = new Set(wanted.map(name));
  for (const there of [...bar.children]) if (!names.has(/** @type {HTMLElement} */ (there).dataset.name ?? '')) there.remove();
  wanted.forEach((input, i) => {
    let wrap = [...bar.children].find(e => /** @type {HTMLElement} */ (e).dataset.name === name(input));
    if (!wrap) {
      wrap = makeInput(section, input, press);
      /** @type {HTMLElement} */ (wrap).dataset.name = name(input);
      bar.append(wrap);
    }
    if (bar.children[i] !== wrap && !wrap.contains(document.activeElement)) bar.insertBefore(wrap, bar.children[i] ?? null);
    updateInput(wrap, input);
  });
}

let made = 0;  // ids of what describes an input

/** @param {Section} section @param {SectionInput} input @param {Press} press */
function makeInput(section, input, press) {
  const wrap = document.createElement('span');
  wrap.className = 'choice';
  const label = make('label', wrap);
  make('span', label);
  const list = input.kind === 'list';
  const control = list ? make('select', label) : make('input', label);
  control.dataset.verb = input.verb;
  control.dataset.arg = input.arg;
  const error = make('small', wrap);
  error.id = `section-${section.id}-${++made}`;
  error.setAttribute('role', 'status');
  control.setAttribute('aria-describedby', error.id);
  if (control instanceof HTMLInputElement) {
    control.type = input.kind === 'number' ? 'number' : input.kind === 'flag' ? 'checkbox' : 'text';
    if (input.kind === 'number') control.step = 'any';
    control.autocomplete = 'off';
    control.spellcheck = false;
  }
  const send = () => {
    const now = inputs.get(control)?.now;
    if (!now || now.disabled) return;
    if (control instanceof HTMLInputElement && now.kind === 'number' && control.value === '') return;
    const value = control instanceof HTMLInputElement && now.kind === 'flag' ? control.checked :
        now.kind === 'number' ? Number(control.value) :
        list ? (now.options ?? []).find(o => String(o.value) === control.value)?.value ?? control.value : control.value;
    press(now.verb, {...now.args, [now.arg]: value});
  };
  control.addEventListener('change', send);
  return wrap;
}

/** @param {Element} wrap @param {SectionInput} input */
function updateInput(wrap, input) {
  const label = /** @type {Element} */ (wrap.querySelector('label > span'));
  const control = /** @type {HTMLInputElement | HTMLSelectElement} */ (wrap.querySelector('input, select'));
  const error = /** @type {Element} */ (wrap.querySelector('small'));
  say(label, `${input.label} `);
  say(error, input.error ?? '');
  control.setAttribute('aria-invalid', String(Boolean(input.error)));
  control.setAttribute('aria-disabled', String(input.disabled ?? false));
  const value = input.value ?? '', before = inputs.get(control);
  const shown = JSON.stringify([value, input.options ?? null]);
  inputs.set(control, {now: input, shown});
  if (control instanceof HTMLSelectElement) {
    const options = input.options ?? [];
    const same = control.options.length === options.length &&
        options.every((o, i) => control.options[i].value === String(o.value) && control.options[i].text === o.label);
    if (!same) control.replaceChildren(...options.map(o => new Option(o.label, String(o.value))));
    if (control.value !== String(value)) control.value = String(value);
    return;
  }
  if (input.kind === 'flag') {
    control.checked = Boolean(value);
    return;
  }
  // What is being typed stays, unless the program has another value since.
  const typing = document.activeElement === control;
  if ((!typing || before?.shown !== shown) && control.value !== String(value)) control.value = String(value);
}

/** The first row and the first column are headers. @param {HTMLTableElement} table @param {Section} section */
function fillTable(table, section) {
  const rows = (section.table ?? []).slice(0, MOST_ROWS);
  table.hidden = rows.length === 0;
  say(/** @type {Element} */ (table.querySelector('caption')), rows.length ? section.title : '');
  const body = /** @type {HTMLTableSectionElement} */ (table.querySelector('tbody'));
  children(body, 'tr', rows.length).forEach((e, r) => {
    const line = /** @type {HTMLTableRowElement} */ (e), cells = rows[r].slice(0, MOST_COLUMNS);
    cells.forEach((text, c) => {
      const kind = r === 0 || c === 0 ? 'TH' : 'TD';
      let cell = line.cells[c];
      if (!cell || cell.tagName !== kind) {
        const fresh = /** @type {HTMLTableCellElement} */ (document.createElement(kind));
        if (kind === 'TH') fresh.scope = r === 0 ? 'col' : 'row';
        if (cell) cell.replaceWith(fresh);
        else line.append(fresh);
        cell = fresh;
      }
      say(cell, String(text ?? ''));
    });
    while (line.cells.length > cells.length) line.deleteCell(-1);
  });
}
