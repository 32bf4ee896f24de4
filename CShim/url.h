// SPDX-License-Identifier: Apache-2.0
// URLs (WHATWG URL): parsing, setters, serialising. Texts are UTF-8 without lone surrogates; results are ASCII.
#ifndef CSHIM_URL_H
#define CSHIM_URL_H

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace ci {

// `kOther` is not special.
enum class SchemeKind : uint8_t { kOther, kFTP, kFile, kHTTP, kHTTPS, kWS, kWSS };
SchemeKind KindOf(std::string_view scheme);
// -1: none.
int DefaultPort(SchemeKind kind);

struct Url {
  std::string scheme;
  SchemeKind kind = SchemeKind::kOther;
  bool has_host = false;
  bool has_opaque_path = false;
  bool has_query = false;
  bool has_fragment = false;
  // -1: none.
  int port = -1;
  std::string username;
  std::string password;
  std::string host;
  // An opaque path as it is; of others each segment with a slash before it.
  std::string path;
  std::string query;
  std::string fragment;

  bool is_special() const { return kind != SchemeKind::kOther; }
  bool is_file() const { return kind == SchemeKind::kFile; }
  bool has_credentials() const { return !username.empty() || !password.empty(); }
  // Whether `c` ends a segment of the path.
  bool IsSlash(char c) const { return c == '/' || (c == '\\' && is_special()); }
};

// The numbers are known to JavaScript.
enum class UrlPart : uint32_t {
  kProtocol,
  kUsername,
  kPassword,
  kHost,
  kHostname,
  kPort,
  kPathname,
  kSearch,
  kHash,
  // The canonical form of an opaque path, for patterns of URLs.
  kOpaquePath,
  kCount,
};

// The serialised URL and where its parts end. Without a host the second to the sixth are where the first is.
struct UrlText {
  enum End {
    kProtocol,  // after the colon
    kUsername,
    kPassword,
    kHostStart,
    kHost,
    kPort,
    kPathStart,
    kPath,
    kQuery,
    kCount,
  };
  std::string href;
  std::array<uint32_t, kCount> ends;
};

// False where `input` is no URL; `*out` is then of no use. `base` may be null. `*out` is new.
bool ParseUrl(std::string_view input, const Url *base, Url *out);
// What the setter of the part does. False where it refuses the value; a part of it may be set all the same.
bool SetUrlPart(Url *url, UrlPart part, std::string_view value);
void Serialize(const Url &url, UrlText *out);

// The host parser; `*out` is new. `input` is not empty where the scheme is special.
bool ParseHost(std::string_view input, bool is_special, std::string *out);

// ---- What the parser and the setters share

// `input` without tabs and newlines; `*storage` keeps what had to be copied.
std::string_view WithoutTabsAndNewlines(std::string_view input, std::string *storage);
// How many of the first characters are a scheme, whatever follows.
size_t SchemeLength(std::string_view input);
bool IsDriveLetter(std::string_view text);
// Where the host ends in `authority`, which may have a port.
size_t HostEnd(std::string_view authority);
// Reads the digits at the start of `text`, and sets the port if there are any. False where it is too large.
bool TakePort(Url *url, std::string_view text, size_t *out_length);
// Adds the segments of `text`, which has lost its first slash, to the path. Where it `stops`, a question mark or a
// number sign ends them. Returns where they ended.
size_t AppendPath(Url *url, std::string_view text, bool stops);

}  // namespace ci

#endif
