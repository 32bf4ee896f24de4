// SPDX-License-Identifier: Apache-2.0
#include "cprelude.h"

#include <stddef.h>

// In load order. A new file of ../Prelude/js is added here, twice.
static const uint8_t primordials[] = {
#embed "../Prelude/js/00-primordials.js"
};
static const uint8_t webidl[] = {
#embed "../Prelude/js/10-webidl.js"
};
static const uint8_t dom_exception[] = {
#embed "../Prelude/js/11-dom-exception.js"
};
static const uint8_t event[] = {
#embed "../Prelude/js/12-event.js"
};
static const uint8_t event_kinds[] = {
#embed "../Prelude/js/13-event-kinds.js"
};
static const uint8_t event_target[] = {
#embed "../Prelude/js/14-event-target.js"
};
static const uint8_t timers[] = {
#embed "../Prelude/js/20-timers.js"
};
static const uint8_t microtask[] = {
#embed "../Prelude/js/21-microtask.js"
};
static const uint8_t abort_signal[] = {
#embed "../Prelude/js/22-abort.js"
};
static const uint8_t text_encoding[] = {
#embed "../Prelude/js/30-text-encoding.js"
};
static const uint8_t base64[] = {
#embed "../Prelude/js/31-base64.js"
};
static const uint8_t structured_clone[] = {
#embed "../Prelude/js/32-structured-clone.js"
};
static const uint8_t performance[] = {
#embed "../Prelude/js/33-performance.js"
};
static const uint8_t url[] = {
#embed "../Prelude/js/34-url.js"
};
static const uint8_t url_search_params[] = {
#embed "../Prelude/js/35-url-search-params.js"
};
static const uint8_t pattern_string[] = {
#embed "../Prelude/js/36-pattern-string.js"
};
static const uint8_t url_pattern[] = {
#embed "../Prelude/js/36-url-pattern.js"
};
static const uint8_t text[] = {
#embed "../Prelude/js/39-text.js"
};
static const uint8_t inspect[] = {
#embed "../Prelude/js/40-inspect.js"
};
static const uint8_t inspect_error[] = {
#embed "../Prelude/js/41-inspect-error.js"
};
static const uint8_t inspect_kinds[] = {
#embed "../Prelude/js/41-inspect-kinds.js"
};
static const uint8_t format[] = {
#embed "../Prelude/js/42-format.js"
};
static const uint8_t table[] = {
#embed "../Prelude/js/49-table.js"
};
static const uint8_t console[] = {
#embed "../Prelude/js/50-console.js"
};
static const uint8_t stream_base[] = {
#embed "../Prelude/js/50-stream-base.js"
};
static const uint8_t readable_default[] = {
#embed "../Prelude/js/51-readable-default.js"
};
static const uint8_t readable_bytes[] = {
#embed "../Prelude/js/52-readable-bytes.js"
};
static const uint8_t writable[] = {
#embed "../Prelude/js/53-writable.js"
};
static const uint8_t pipe_to[] = {
#embed "../Prelude/js/54-pipe.js"
};
static const uint8_t tee[] = {
#embed "../Prelude/js/54-tee.js"
};
static const uint8_t iteration[] = {
#embed "../Prelude/js/55-iteration.js"
};
static const uint8_t readable[] = {
#embed "../Prelude/js/55-readable.js"
};
static const uint8_t stream_use[] = {
#embed "../Prelude/js/55-stream-use.js"
};
static const uint8_t transform[] = {
#embed "../Prelude/js/56-transform.js"
};
static const uint8_t text_streams[] = {
#embed "../Prelude/js/56-text-streams.js"
};
static const uint8_t limit_event[] = {
#embed "../Prelude/js/70-limit-event.js"
};
static const uint8_t process[] = {
#embed "../Prelude/js/80-process.js"
};
static const uint8_t entry[] = {
#embed "../Prelude/js/90-entry.js"
};

#define SCRIPT(name, bytes) \
  { "rookery:" name, bytes, sizeof(bytes), NULL }
// One that loads with its part, when a script names what is in it.
#define PART(part, name, bytes) \
  { "rookery:" name, bytes, sizeof(bytes), part }

static const cprelude_script_t scripts[] = {
    SCRIPT("00-primordials.js", primordials),
    SCRIPT("10-webidl.js", webidl),
    SCRIPT("11-dom-exception.js", dom_exception),
    SCRIPT("12-event.js", event),
    SCRIPT("13-event-kinds.js", event_kinds),
    SCRIPT("14-event-target.js", event_target),
    SCRIPT("20-timers.js", timers),
    SCRIPT("21-microtask.js", microtask),
    SCRIPT("22-abort.js", abort_signal),
    SCRIPT("30-text-encoding.js", text_encoding),
    SCRIPT("31-base64.js", base64),
    SCRIPT("32-structured-clone.js", structured_clone),
    SCRIPT("33-performance.js", performance),
    PART("url", "34-url.js", url),
    PART("url", "35-url-search-params.js", url_search_params),
    PART("urlPattern", "36-pattern-string.js", pattern_string),
    PART("urlPattern", "36-url-pattern.js", url_pattern),
    PART("inspect", "39-text.js", text),
    PART("inspect", "40-inspect.js", inspect),
    PART("inspect", "41-inspect-error.js", inspect_error),
    PART("inspect", "41-inspect-kinds.js", inspect_kinds),
    PART("inspect", "42-format.js", format),
    PART("inspect", "49-table.js", table),
    SCRIPT("50-console.js", console),
    PART("streams", "50-stream-base.js", stream_base),
    PART("streams", "51-readable-default.js", readable_default),
    PART("streams", "52-readable-bytes.js", readable_bytes),
    PART("streams", "53-writable.js", writable),
    PART("streams", "54-pipe.js", pipe_to),
    PART("streams", "54-tee.js", tee),
    PART("streams", "55-iteration.js", iteration),
    PART("streams", "55-readable.js", readable),
    PART("streams", "55-stream-use.js", stream_use),
    PART("streams", "56-transform.js", transform),
    PART("streams", "56-text-streams.js", text_streams),
    SCRIPT("70-limit-event.js", limit_event),
    SCRIPT("80-process.js", process),
    SCRIPT("90-entry.js", entry),
};

const cprelude_script_t *const cprelude_scripts = scripts;
const size_t cprelude_script_count = sizeof(scripts) / sizeof(scripts[0]);
