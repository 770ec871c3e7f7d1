// Asks a person for one thing in a dialog of the page.

import { setText } from './dom.js';

/** Shows a dialog with a form, an input and a button to cancel; answers what was typed, or null when it was closed without. */
export function ask(dialog, reason) {
  const form = dialog.querySelector('form');
  const input = dialog.querySelector('input');
  setText(dialog.querySelector('.warning'), reason ?? '');
  input.value = '';
  dialog.showModal();
  return new Promise((resolve) => {
    const done = (answer) => {
      dialog.close();
      input.value = ''; // a token does not stay in the page
      resolve(answer);
    };
    form.onsubmit = (event) => {
      event.preventDefault(); // nothing on this page is submitted anywhere: its policy forbids it
      const answer = input.value.trim();
      if (answer !== '') done(answer);
    };
    dialog.querySelector('.cancel').onclick = () => done(null);
    dialog.oncancel = (event) => { // the key Escape
      event.preventDefault();
      done(null);
    };
  });
}
