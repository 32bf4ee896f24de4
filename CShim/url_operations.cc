// SPDX-License-Identifier: Apache-2.0
// What the prelude's URL and URLSearchParams call.
#include <cstring>

#include "engine_state.h"
#include "percent.h"
#include "url.h"
#include "values.h"

namespace ci {

namespace {

using Info = v8::FunctionCallbackInfo<v8::Value>;

// In UTF-16 code units. A longer text is no URL: encoding can make nine bytes of a unit.
constexpr int kLongestUrl = 1 << 26;

// A string's UTF-8, U+FFFD for lone surrogates; on the stack where it is short.
class Utf8 {
 public:
  Utf8(v8::Isolate *isolate, v8::Local<v8::Value> value) {
    auto string = value->IsString() ? value.As<v8::String>() : v8::String::Empty(isolate);
    if (string->Length() > kLongestUrl) return;
    fits_ = true;
    auto length = static_cast<size_t>(string->Length());
    if (string->IsOneByte() && length <= sizeof(buffer_)) {
      string->WriteOneByte(isolate, reinterpret_cast<uint8_t *>(buffer_), 0, string->Length(),
                           v8::String::NO_NULL_TERMINATION);
      bool is_ascii = true;
      for (size_t i = 0; i < length; ++i) is_ascii = is_ascii && static_cast<uint8_t>(buffer_[i]) < 0x80;
      view_ = {buffer_, length};
      if (is_ascii) return;
    }
    text_ = ToStdString(isolate, string);
    view_ = text_;
  }
  Utf8(const Utf8 &) = delete;

  bool fits() const { return fits_; }
  std::string_view view() const { return view_; }

 private:
  bool fits_ = false;
  char buffer_[512];
  std::string text_;
  std::string_view view_;
};

// Throws where the text is too long.
bool Fits(const Info &info, const Utf8 &input) {
  if (input.fits()) return true;
  info.GetIsolate()->ThrowException(
      v8::Exception::RangeError(Literal(info.GetIsolate(), "The text is longer than a query can be")));
  return false;
}

// Returns `text`, or `original` where that is the same.
void ReturnText(const Info &info, std::string_view text, const Utf8 &original, int argument) {
  if (text == original.view() && info[argument]->IsString() && info[argument].As<v8::String>()->IsOneByte()) {
    info.GetReturnValue().Set(info[argument]);
    return;
  }
  v8::Local<v8::String> string;
  if (text.size() <= static_cast<size_t>(v8::String::kMaxLength) &&
      v8::String::NewFromOneByte(info.GetIsolate(), reinterpret_cast<const uint8_t *>(text.data()),
                                 v8::NewStringType::kNormal, static_cast<int>(text.size()))
          .ToLocal(&string)) {
    info.GetReturnValue().Set(string);
  }
}

bool Parse(const Info &info, const Utf8 &input, int base_argument, Url *out) {
  if (!input.fits()) return false;
  if (!info[base_argument]->IsString()) return ParseUrl(input.view(), nullptr, out);
  Utf8 base_text(info.GetIsolate(), info[base_argument]);
  Url base;
  return base_text.fits() && ParseUrl(base_text.view(), nullptr, &base) && ParseUrl(input.view(), &base, out);
}

// Writes where the parts end into a Uint32Array.
void ReturnUrl(const Info &info, const Url &url, const Utf8 &input, int ends_argument) {
  if (!info[ends_argument]->IsUint32Array()) return;
  auto ends = info[ends_argument].As<v8::Uint32Array>();
  UrlText text;
  if (ends->Length() < text.ends.size()) return;
  Serialize(url, &text);
  auto *memory = static_cast<uint8_t *>(ends->Buffer()->Data()) + ends->ByteOffset();
  std::memcpy(memory, text.ends.data(), sizeof(text.ends));
  ReturnText(info, text.href, input, 0);
}

}  // namespace

// (input, base or undefined, ends): the href, or undefined.
void UrlParse(const Info &info) {
  Utf8 input(info.GetIsolate(), info[0]);
  Url url;
  if (Parse(info, input, 1, &url)) ReturnUrl(info, url, input, 2);
}

// (input, base or undefined): whether it is a URL.
void UrlCanParse(const Info &info) {
  Utf8 input(info.GetIsolate(), info[0]);
  Url url;
  info.GetReturnValue().Set(Parse(info, input, 1, &url));
}

// (href, number of the part, value, ends): the new href, or undefined where nothing may have changed.
void UrlSet(const Info &info) {
  if (!info[1]->IsUint32()) return;
  uint32_t part = info[1].As<v8::Uint32>()->Value();
  Utf8 href(info.GetIsolate(), info[0]);
  Utf8 value(info.GetIsolate(), info[2]);
  Url url;
  if (!href.fits() || !value.fits() || part >= static_cast<uint32_t>(UrlPart::kCount)) return;
  if (!ParseUrl(href.view(), nullptr, &url)) return;
  bool is_host = part == static_cast<uint32_t>(UrlPart::kHost);
  // A host may be good where the port behind it is not.
  if (SetUrlPart(&url, static_cast<UrlPart>(part), value.view()) || is_host) ReturnUrl(info, url, href, 3);
}

// application/x-www-form-urlencoded: a name or a value.
void FormEncode(const Info &info) {
  Utf8 input(info.GetIsolate(), info[0]);
  if (!Fits(info, input)) return;
  std::string out;
  AppendEncoded(&out, input.view(), EncodeSet::kForm);
  ReturnText(info, out, input, 0);
}

void FormDecode(const Info &info) {
  Utf8 input(info.GetIsolate(), info[0]);
  if (!Fits(info, input)) return;
  std::string bytes(input.view());
  for (char &c : bytes) {
    if (c == '+') c = ' ';
  }
  bytes = PercentDecode(bytes);
  v8::Local<v8::String> string;
  if (ToString(info.GetIsolate(), SliceOf(bytes)).ToLocal(&string)) info.GetReturnValue().Set(string);
}

}  // namespace ci
