// @ts-check
// What the canvas shows, as buttons, a live line and a table that screen readers and keyboards reach.
// Draws what the program says ("mirror" messages) and knows nothing itself.
import {element} from './dialogs.js';

/** @type {Map<string, HTMLButtonElement>} */ const buttons = new Map();
/** @type {Map<string, HTMLSelectElement>} */ const selects = new Map();

/** Sets text only when it differs: every write to a live region may be read aloud. @param {Element} e @param {string} text */
function say(e, text) {
  if (e.textContent !== text) e.textContent = text;
}

/**
 * @param {Record<string, any> & {sentence?: string, status?: string, caption?: string, title?: string,
 *          table?: string[][], values?: string[][],
 *          buttons?: {verb: string, label: string, pressed?: boolean, disabled?: boolean}[],
 *          choices?: Choice[]}} mirror
 * @param {(verb: string, words?: Record<string, string | number>) => void} press
 */
export function render(mirror, press) {
  if (mirror.title) document.title = mirror.title;
  say(element('mirror-sentence'), mirror.sentence ?? '');
  say(element('mirror-status'), mirror.status ?? '');
  say(element('mirror-summary'), mirror.summary ?? '');
  say(element('mirror-training'), mirror.training?.line ?? '');
  say(element('mirror-job'), mirror.job ?? '');
  renderButtons(mirror.buttons ?? [], press);
  renderChoices(mirror.choices ?? [], press);
  renderTable(mirror.caption ?? '', mirror.table ?? [], mirror.values ?? []);
  renderFigures(mirror);
}

const SHOWN = new Set(['sentence', 'status', 'summary', 'title', 'caption', 'table', 'values', 'buttons', 'choices', 'type']);

/** Everything else, for scripts: data-position="12", data-training-updates="120". @param {Record<string, any>} mirror */
function renderFigures(mirror) {
  const data = element('mirror').dataset;
  /** @type {Record<string, string>} */ const wanted = {};
  const put = (/** @type {string} */ name, /** @type {any} */ value) => {
    const key = name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
    wanted[key] = typeof value === 'object' ? JSON.stringify(value) : String(value);
  };
  for (const [name, value] of Object.entries(mirror)) {
    if (SHOWN.has(name)) continue;
    if (name === 'training' || name === 'model') {
      for (const [inner, figure] of Object.entries(value)) put(`${name}_${inner}`, figure);
    } else {
      put(name, value);
    }
  }
  for (const key of Object.keys(data)) if (!(key in wanted)) delete data[key];
  for (const [key, value] of Object.entries(wanted)) if (data[key] !== value) data[key] = value;
}

/**
 * Buttons are kept by verb, so the focus stays where it is.
 * @param {{verb: string, label: string, pressed?: boolean, disabled?: boolean}[]} wanted
 * @param {(verb: string) => void} press
 */
function renderButtons(wanted, press) {
  const bar = element('mirror-buttons');
  const verbs = new Set(wanted.map(b => b.verb));
  for (const [verb, button] of buttons) {
    if (verbs.has(verb)) continue;
    button.remove();
    buttons.delete(verb);
  }
  wanted.forEach((b, i) => {
    let button = buttons.get(b.verb);
    if (!button) {
      button = document.createElement('button');
      button.type = 'button';
      button.dataset.verb = b.verb;
      button.onclick = event => {
        const pressed = /** @type {HTMLButtonElement} */ (event.currentTarget);
        if (pressed.getAttribute('aria-disabled') !== 'true') press(b.verb);
      };
      buttons.set(b.verb, button);
    }
    if (bar.children[i] !== button) bar.insertBefore(button, bar.children[i] ?? null);
    say(button, b.label);
    // aria-disabled instead of disabled: a button that vanishes from under the focus loses the reader's place.
    button.setAttribute('aria-disabled', String(b.disabled ?? false));
    if (b.pressed === undefined || b.pressed === null) button.removeAttribute('aria-pressed');
    else button.setAttribute('aria-pressed', String(b.pressed));
  });
}

/**
 * @typedef {{verb: string, key: string, label: string, value: string | number,
 *            options: [string | number, string][]}} Choice
 */

/**
 * Drop-down lists, kept by verb and key.
 * @param {Choice[]} wanted
 * @param {(verb: string, words?: Record<string, string | number>) => void} press
 */
function renderChoices(wanted, press) {
  const bar = element('mirror-choices');
  for (const choice of wanted) {
    const id = `${choice.verb}-${choice.key}`;
    let select = selects.get(id);
    if (!select) {
      const label = document.createElement('label');
      label.append(`${choice.label} `);
      select = document.createElement('select');
      select.dataset.choice = id;
      selects.set(id, select);
      label.append(select);
      bar.append(label);
    }
    const texts = JSON.stringify(choice.options);
    if (select.dataset.options !== texts) {
      select.dataset.options = texts;
      select.replaceChildren(...choice.options.map(([value, text]) => new Option(text, String(value))));
    }
    select.onchange = event => {
      const chosen = /** @type {HTMLSelectElement} */ (event.currentTarget).selectedIndex;
      press(choice.verb, {[choice.key]: choice.options[chosen][0]});
    };
    if (select.value !== String(choice.value)) select.value = String(choice.value);
  }
}

/**
 * The first row and the first column are headers.
 * @param {string} caption
 * @param {string[][]} rows
 * @param {string[][]} values the same numbers in full precision, kept as data-value
 */
function renderTable(caption, rows, values) {
  const table = element('mirror-table');
  table.hidden = rows.length === 0;
  const head = /** @type {Element} */ (table.querySelector('caption'));
  const body = /** @type {HTMLTableSectionElement} */ (table.querySelector('tbody'));
  say(head, caption);
  rows.forEach((row, r) => {
    const line = body.rows[r] ?? body.insertRow();
    row.forEach((text, c) => {
      const kind = r === 0 || c === 0 ? 'TH' : 'TD';
      let cell = line.cells[c];
      if (!cell || cell.tagName !== kind) {
        const made = /** @type {HTMLTableCellElement} */ (document.createElement(kind));
        if (kind === 'TH') made.scope = r === 0 ? 'col' : 'row';
        if (cell) cell.replaceWith(made);
        else line.append(made);
        cell = made;
      }
      say(cell, String(text));
      const value = values[r]?.[c];
      if (value) cell.dataset.value = value;
      else delete cell.dataset.value;
    });
    while (line.cells.length > row.length) line.deleteCell(-1);
  });
  while (body.rows.length > rows.length) body.deleteRow(-1);
}
