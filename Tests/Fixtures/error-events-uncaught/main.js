// SPDX-License-Identifier: Apache-2.0
// An error in a listener for errors is not told to listeners again: it ends the run, like one that nobody cancels.
let calls = 0;
addEventListener('error', (event) => {
  console.log('first', event.error.message, ++calls);
  if (event.error.message === 'harmless') event.preventDefault();
  else throw new Error('in the listener');
});
addEventListener('error', (event) => console.log('second', event.error.message));
reportError(new Error('harmless'));
setTimeout(() => {
  setTimeout(() => console.log('the run has ended before'));
  throw new Error('harmful');
});
