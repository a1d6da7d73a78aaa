/**
 * The entry form shown before the application has loaded, a second earlier on a slow network. It
 * accepts input, which the application takes over (`shell/typed.ts`), and looks identical.
 */
import texts from 'virtual:shell-texts';

const PIN_PAGE = /^\/$/;
const JOIN_PAGE = /^\/join\/([0-9]{6,8})\/?$/;

/** Draw the form for `path` into `root`; other pages wait for the application. */
export function drawShell(root: HTMLElement, path: string, locale: string): void {
  const found = texts[locale];
  if (!found) return;
  const pin = JOIN_PAGE.exec(path)?.[1];
  if (pin) {
    const [title, label, send, chip] = found.join;
    const above = element('p', 'entry-chip', (chip ?? '').replace('{pin}', pin));
    const heading = element('h1', '', title);
    root.replaceChildren(...page([above, heading], label, send, NAME_FIELD));
  } else if (PIN_PAGE.test(path)) {
    const [title, lead, label, send, host] = found.pin;
    const above = [element('h1', '', title), element('p', 'soft', lead)];
    const link = Object.assign(element('a', 'entry-host', host), { href: '/host' });
    root.replaceChildren(...page(above, label, send, PIN_FIELD, link));
  }
}

/** Show that the application could not be loaded, instead of a form that waits forever. */
export function drawFailure(root: HTMLElement, locale: string): void {
  const [title, again] = texts[locale]?.failed ?? [];
  const button = element('button', 'button primary size-l', again);
  button.addEventListener('click', () => location.reload());
  const card = element('section', 'card stack entry-card');
  card.setAttribute('role', 'alert');
  card.append(element('h1', '', title), button);
  const main = element('main', 'entry');
  main.append(card);
  root.replaceChildren(element('header', 'entry-bar'), main);
}

interface Field {
  inputMode: string;
  autocomplete: string;
  className: string;
  placeholder?: string;
  dir?: string;
}

const PIN_FIELD: Field = {
  inputMode: 'numeric',
  autocomplete: 'off',
  placeholder: '123 456',
  className: 'entry-pin',
};
const NAME_FIELD: Field = {
  inputMode: 'text',
  autocomplete: 'nickname',
  dir: 'auto',
  className: 'entry-name',
};

function page(
  above: HTMLElement[],
  label: string | undefined,
  send: string | undefined,
  field: Field,
  ...below: HTMLElement[]
): HTMLElement[] {
  const input = Object.assign(document.createElement('input'), { id: 'shell-input', ...field });
  const labelled = Object.assign(element('label', '', label), { htmlFor: input.id });
  const wrap = element('div', 'field');
  wrap.append(labelled, input);
  const button = element('button', 'button primary size-l', send);
  const form = element('form', 'card stack entry-card');
  form.append(...above, wrap, button);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    form.dataset.submitted = 'true';
    button.setAttribute('aria-busy', 'true');
  });
  const main = element('main', 'entry');
  main.append(form, ...below);
  return [element('header', 'entry-bar'), main];
}

function element(tag: string, className: string, text = ''): HTMLElement {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}
