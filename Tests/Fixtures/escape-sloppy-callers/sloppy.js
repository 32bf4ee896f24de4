// SPDX-License-Identifier: Apache-2.0
// Sloppy functions, which only a classic script has: `caller` and `arguments` of theirs show who called.
var callers = function callers() {
  var found = [];
  for (var fn = callers.caller, i = 0; fn && i < 50; fn = fn.caller, i++) found.push(fn);
  return found;
};
var sloppy = function sloppy() {
  return { callers: [sloppy.caller].concat(callers()), receiver: this, arguments: sloppy.arguments, callee: arguments.callee };
};
