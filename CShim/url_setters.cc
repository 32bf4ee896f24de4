// SPDX-License-Identifier: Apache-2.0
// The setters of URLs: the basic URL parser with a state override.
#include <algorithm>

#include "percent.h"
#include "url.h"

namespace ci {

namespace {

bool SetProtocol(Url *url, std::string_view value) {
  size_t length = SchemeLength(value);
  if (length == 0 || (length < value.size() && value[length] != ':')) return false;
  std::string scheme(value, 0, length);
  for (char &c : scheme) c = ToLower(c);
  SchemeKind kind = KindOf(scheme);
  if ((kind == SchemeKind::kOther) == url->is_special()) return false;
  if (kind == SchemeKind::kFile && (url->has_credentials() || url->port >= 0)) return false;
  if (url->is_file() && url->host.empty()) return false;
  url->scheme = std::move(scheme);
  url->kind = kind;
  if (url->port == DefaultPort(kind)) url->port = -1;
  return true;
}

bool SetFileHost(Url *url, std::string_view value) {
  std::string host;
  value = value.substr(0, value.find_first_of("/\\?#"));
  if (!value.empty() && !ParseHost(value, true, &host)) return false;
  if (host == "localhost") host.clear();
  url->has_host = true;
  url->host = std::move(host);
  return true;
}

bool SetHost(Url *url, std::string_view value, bool with_port) {
  if (url->has_opaque_path) return false;
  if (url->is_file()) return SetFileHost(url, value);
  value = value.substr(0, value.find_first_of(url->is_special() ? "/\\?#" : "/?#"));
  size_t end = HostEnd(value);
  bool has_colon = end < value.size();
  if (has_colon && (end == 0 || !with_port)) return false;
  if (end == 0 && (url->is_special() || url->has_credentials() || url->port >= 0)) return false;
  std::string host;
  if (!ParseHost(value.substr(0, end), url->is_special(), &host)) return false;
  url->has_host = true;
  url->host = std::move(host);
  size_t length = 0;
  return !has_colon || TakePort(url, value.substr(end + 1), &length);
}

bool SetPort(Url *url, std::string_view value, bool is_empty) {
  if (url->host.empty() || url->is_file()) return false;
  if (is_empty) {
    url->port = -1;
    return true;
  }
  size_t length = 0;
  return TakePort(url, value, &length) && length > 0;
}

bool SetPathname(Url *url, std::string_view value) {
  if (url->has_opaque_path) return false;
  url->path.clear();
  if (value.empty() && !url->is_special()) {
    if (!url->has_host) url->path = '/';
    return true;
  }
  if (!value.empty() && url->IsSlash(value[0])) value.remove_prefix(1);
  AppendPath(url, value, false);
  return true;
}

// Of an opaque path with nothing behind it, which would be lost when the URL is parsed again.
void StripTrailingSpaces(Url *url) {
  if (!url->has_opaque_path || url->has_query || url->has_fragment) return;
  while (!url->path.empty() && url->path.back() == ' ') url->path.pop_back();
}

}  // namespace

bool SetUrlPart(Url *url, UrlPart part, std::string_view value) {
  // Before tabs and newlines go, which are not removed from credentials.
  const bool is_empty = value.empty();
  if (part == UrlPart::kUsername || part == UrlPart::kPassword) {
    if (url->host.empty() || url->is_file()) return false;
    std::string &text = part == UrlPart::kUsername ? url->username : url->password;
    text.clear();
    AppendEncoded(&text, value, EncodeSet::kUserinfo);
    return true;
  }
  // A mark is removed before tabs and newlines are.
  const char mark = part == UrlPart::kSearch ? '?' : part == UrlPart::kHash ? '#' : '\0';
  if (mark && !is_empty && value[0] == mark) value.remove_prefix(1);
  std::string storage;
  value = WithoutTabsAndNewlines(value, &storage);
  switch (part) {
    case UrlPart::kProtocol:
      return SetProtocol(url, value);
    case UrlPart::kHost:
      return SetHost(url, value, true);
    case UrlPart::kHostname:
      return SetHost(url, value, false);
    case UrlPart::kPort:
      return SetPort(url, value, is_empty);
    case UrlPart::kPathname:
      return SetPathname(url, value);
    case UrlPart::kSearch:
    case UrlPart::kHash: {
      bool is_search = part == UrlPart::kSearch;
      std::string &text = is_search ? url->query : url->fragment;
      text.clear();
      (is_search ? url->has_query : url->has_fragment) = !is_empty;
      if (is_empty) {
        StripTrailingSpaces(url);
      } else {
        AppendEncoded(&text, value,
                      !is_search          ? EncodeSet::kFragment
                      : url->is_special() ? EncodeSet::kSpecialQuery
                                          : EncodeSet::kQuery);
      }
      return true;
    }
    case UrlPart::kOpaquePath:
      url->has_opaque_path = true;
      url->path.clear();
      AppendEncoded(&url->path, value.substr(0, value.find_first_of("?#")), EncodeSet::kC0Control);
      return true;
    default:
      return false;
  }
}

}  // namespace ci
