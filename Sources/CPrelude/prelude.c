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
static const uint8_t es_accessors[] = {
#embed "../Prelude/js/15-es-accessors.js"
};
static const uint8_t global_errors[] = {
#embed "../Prelude/js/15-global-errors.js"
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
static const uint8_t host_calls[] = {
#embed "../Prelude/js/23-host.js"
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
static const uint8_t compression[] = {
#embed "../Prelude/js/57-compression.js"
};
static const uint8_t quota_error[] = {
#embed "../Prelude/js/60-quota-error.js"
};
static const uint8_t es_operations[] = {
#embed "../Prelude/js/60-es-operations.js"
};
static const uint8_t es_array[] = {
#embed "../Prelude/js/61-es-array.js"
};
static const uint8_t es_typed_array[] = {
#embed "../Prelude/js/61-es-typed-array.js"
};
static const uint8_t es_from_async[] = {
#embed "../Prelude/js/62-es-from-async.js"
};
static const uint8_t es_group[] = {
#embed "../Prelude/js/62-es-group.js"
};
static const uint8_t es_iterator[] = {
#embed "../Prelude/js/63-es-iterator.js"
};
static const uint8_t es_iterator_helpers[] = {
#embed "../Prelude/js/63-es-iterator-helpers.js"
};
static const uint8_t es_map[] = {
#embed "../Prelude/js/64-es-map.js"
};
static const uint8_t es_set[] = {
#embed "../Prelude/js/64-es-set.js"
};
static const uint8_t es_promise[] = {
#embed "../Prelude/js/65-es-promise.js"
};
static const uint8_t es_array_buffer[] = {
#embed "../Prelude/js/66-es-array-buffer.js"
};
static const uint8_t es_base64_hex[] = {
#embed "../Prelude/js/66-es-base64-hex.js"
};
static const uint8_t es_error[] = {
#embed "../Prelude/js/67-es-error.js"
};
static const uint8_t es_sum[] = {
#embed "../Prelude/js/67-es-sum.js"
};
static const uint8_t es_text[] = {
#embed "../Prelude/js/67-es-text.js"
};
static const uint8_t es_dispose[] = {
#embed "../Prelude/js/68-es-dispose.js"
};
static const uint8_t bytes[] = {
#embed "../Prelude/js/60-bytes.js"
};
static const uint8_t mime[] = {
#embed "../Prelude/js/60-mime.js"
};
static const uint8_t blob[] = {
#embed "../Prelude/js/61-blob.js"
};
static const uint8_t file_reader[] = {
#embed "../Prelude/js/62-file-reader.js"
};
static const uint8_t headers[] = {
#embed "../Prelude/js/63-headers.js"
};
static const uint8_t form_data[] = {
#embed "../Prelude/js/64-form-data.js"
};
static const uint8_t multipart[] = {
#embed "../Prelude/js/65-multipart.js"
};
static const uint8_t body[] = {
#embed "../Prelude/js/66-body.js"
};
static const uint8_t request_state[] = {
#embed "../Prelude/js/67-request-state.js"
};
static const uint8_t request[] = {
#embed "../Prelude/js/67-request.js"
};
static const uint8_t response[] = {
#embed "../Prelude/js/68-response.js"
};
static const uint8_t fetching[] = {
#embed "../Prelude/js/69-fetching.js"
};
static const uint8_t data_url[] = {
#embed "../Prelude/js/69-data-url.js"
};
static const uint8_t wasm[] = {
#embed "../Prelude/js/69-wasm.js"
};
static const uint8_t fetch[] = {
#embed "../Prelude/js/69-fetch.js"
};
static const uint8_t clone_value[] = {
#embed "../Prelude/js/60-clone.js"
};
static const uint8_t message_port[] = {
#embed "../Prelude/js/61-message-port.js"
};
static const uint8_t broadcast_channel[] = {
#embed "../Prelude/js/62-broadcast-channel.js"
};
static const uint8_t stream_transfer[] = {
#embed "../Prelude/js/63-stream-transfer.js"
};
static const uint8_t performance_clock[] = {
#embed "../Prelude/js/64-performance.js"
};
static const uint8_t performance_entry[] = {
#embed "../Prelude/js/65-performance-entry.js"
};
static const uint8_t performance_observer[] = {
#embed "../Prelude/js/66-performance-observer.js"
};
static const uint8_t performance_measure[] = {
#embed "../Prelude/js/67-performance-measure.js"
};
static const uint8_t navigator[] = {
#embed "../Prelude/js/68-navigator.js"
};
static const uint8_t crypto_global[] = {
#embed "../Prelude/js/60-crypto-global.js"
};
static const uint8_t crypto_object[] = {
#embed "../Prelude/js/61-crypto.js"
};
static const uint8_t key_bytes[] = {
#embed "../Prelude/js/62-key-bytes.js"
};
static const uint8_t crypto_key[] = {
#embed "../Prelude/js/63-crypto-key.js"
};
static const uint8_t algorithm[] = {
#embed "../Prelude/js/64-algorithm.js"
};
static const uint8_t jwk[] = {
#embed "../Prelude/js/65-jwk.js"
};
static const uint8_t digest[] = {
#embed "../Prelude/js/66-digest.js"
};
static const uint8_t aes[] = {
#embed "../Prelude/js/67-aes.js"
};
static const uint8_t rsa[] = {
#embed "../Prelude/js/67-rsa.js"
};
static const uint8_t curves[] = {
#embed "../Prelude/js/68-curves.js"
};
static const uint8_t subtle[] = {
#embed "../Prelude/js/69-subtle.js"
};
static const uint8_t limit_event[] = {
#embed "../Prelude/js/70-limit-event.js"
};
static const uint8_t dispatch[] = {
#embed "../Prelude/js/76-dispatch.js"
};
static const uint8_t binding_calls[] = {
#embed "../Prelude/js/70-host-calls.js"
};
static const uint8_t network[] = {
#embed "../Prelude/js/70-network.js"
};
static const uint8_t integrity[] = {
#embed "../Prelude/js/70-integrity.js"
};
static const uint8_t kv[] = {
#embed "../Prelude/js/71-kv.js"
};
static const uint8_t files[] = {
#embed "../Prelude/js/72-files.js"
};
static const uint8_t small_bindings[] = {
#embed "../Prelude/js/73-small-bindings.js"
};
static const uint8_t other_bindings[] = {
#embed "../Prelude/js/74-other-bindings.js"
};
static const uint8_t env[] = {
#embed "../Prelude/js/75-env.js"
};
static const uint8_t close_event[] = {
#embed "../Prelude/js/77-close-event.js"
};
static const uint8_t web_socket[] = {
#embed "../Prelude/js/77-web-socket.js"
};
static const uint8_t web_socket_pair[] = {
#embed "../Prelude/js/78-web-socket-pair.js"
};
static const uint8_t event_stream[] = {
#embed "../Prelude/js/77-event-stream.js"
};
static const uint8_t event_source[] = {
#embed "../Prelude/js/77-event-source.js"
};
static const uint8_t process[] = {
#embed "../Prelude/js/80-process.js"
};
static const uint8_t entry[] = {
#embed "../Prelude/js/90-entry.js"
};
static const uint8_t warm_up[] = {
#embed "../Prelude/js/99-warm-up.js"
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
    SCRIPT("15-es-accessors.js", es_accessors),
    SCRIPT("15-global-errors.js", global_errors),
    SCRIPT("20-timers.js", timers),
    SCRIPT("21-microtask.js", microtask),
    SCRIPT("22-abort.js", abort_signal),
    SCRIPT("23-host.js", host_calls),
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
    PART("compression", "57-compression.js", compression),
    PART("quota", "60-quota-error.js", quota_error),
    PART("ecma", "60-es-operations.js", es_operations),
    PART("arrays", "61-es-array.js", es_array),
    PART("arrays", "61-es-typed-array.js", es_typed_array),
    PART("arrays", "62-es-from-async.js", es_from_async),
    PART("arrays", "62-es-group.js", es_group),
    PART("iterators", "63-es-iterator.js", es_iterator),
    PART("iterators", "63-es-iterator-helpers.js", es_iterator_helpers),
    PART("collections", "64-es-map.js", es_map),
    PART("collections", "64-es-set.js", es_set),
    PART("values", "65-es-promise.js", es_promise),
    PART("byteText", "66-es-array-buffer.js", es_array_buffer),
    PART("byteText", "66-es-base64-hex.js", es_base64_hex),
    PART("values", "67-es-error.js", es_error),
    PART("values", "67-es-sum.js", es_sum),
    PART("values", "67-es-text.js", es_text),
    PART("disposal", "68-es-dispose.js", es_dispose),
    PART("mime", "60-mime.js", mime),
    PART("blob", "61-blob.js", blob),
    PART("fileReader", "62-file-reader.js", file_reader),
    PART("formData", "64-form-data.js", form_data),
    PART("multipart", "65-multipart.js", multipart),
    PART("fetch", "69-fetching.js", fetching),
    PART("dataUrl", "69-data-url.js", data_url),
    PART("wasm", "69-wasm.js", wasm),
    SCRIPT("69-fetch.js", fetch),
    PART("clone", "60-clone.js", clone_value),
    PART("messaging", "61-message-port.js", message_port),
    PART("messaging", "62-broadcast-channel.js", broadcast_channel),
    PART("streamTransfer", "63-stream-transfer.js", stream_transfer),
    PART("performance", "64-performance.js", performance_clock),
    PART("timeline", "65-performance-entry.js", performance_entry),
    PART("timeline", "66-performance-observer.js", performance_observer),
    PART("timeline", "67-performance-measure.js", performance_measure),
    PART("navigator", "68-navigator.js", navigator),
    SCRIPT("60-crypto-global.js", crypto_global),
    PART("crypto", "61-crypto.js", crypto_object),
    PART("subtle", "62-key-bytes.js", key_bytes),
    PART("subtle", "63-crypto-key.js", crypto_key),
    PART("subtle", "64-algorithm.js", algorithm),
    PART("subtle", "65-jwk.js", jwk),
    PART("subtle", "66-digest.js", digest),
    PART("subtle", "67-aes.js", aes),
    PART("subtle", "67-rsa.js", rsa),
    PART("subtle", "68-curves.js", curves),
    PART("subtle", "69-subtle.js", subtle),
    SCRIPT("70-limit-event.js", limit_event),
    PART("network", "70-network.js", network),
    PART("integrity", "70-integrity.js", integrity),
    PART("kv", "71-kv.js", kv),
    PART("files", "72-files.js", files),
    PART("smallBindings", "73-small-bindings.js", small_bindings),
    PART("otherBindings", "74-other-bindings.js", other_bindings),
    PART("webSocket", "77-close-event.js", close_event),
    PART("webSocket", "77-web-socket.js", web_socket),
    PART("webSocket", "78-web-socket-pair.js", web_socket_pair),
    PART("eventSource", "77-event-stream.js", event_stream),
    PART("eventSource", "77-event-source.js", event_source),
    SCRIPT("60-bytes.js", bytes),
    SCRIPT("63-headers.js", headers),
    SCRIPT("66-body.js", body),
    SCRIPT("67-request-state.js", request_state),
    SCRIPT("67-request.js", request),
    SCRIPT("68-response.js", response),
    SCRIPT("70-host-calls.js", binding_calls),
    SCRIPT("75-env.js", env),
    SCRIPT("76-dispatch.js", dispatch),
    SCRIPT("80-process.js", process),
    SCRIPT("90-entry.js", entry),
};

const cprelude_script_t *const cprelude_scripts = scripts;
const size_t cprelude_script_count = sizeof(scripts) / sizeof(scripts[0]);
const cprelude_script_t cprelude_warm_up = SCRIPT("99-warm-up.js", warm_up);
