// SPDX-License-Identifier: Apache-2.0
// A rejection ends the run unless a listener cancels its event; listeners that reject do not go on for ever.
let calls = 0;
addEventListener('unhandledrejection', async (event) => {
  if (++calls === 1) event.preventDefault();
  if (calls <= 2) console.log(event.reason.message);
  throw new Error(`from call ${calls}`);
});
Promise.reject(new Error('the first'));
setTimeout(() => console.log('the run has ended before'), 20);
