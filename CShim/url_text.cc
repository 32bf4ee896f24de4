// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "url.h"

namespace ci {

void Serialize(const Url &url, UrlText *out) {
  std::string &href = out->href;
  auto mark = [&](UrlText::End end) { out->ends[end] = static_cast<uint32_t>(href.size()); };
  href.clear();
  href.reserve(url.scheme.size() + url.username.size() + url.password.size() + url.host.size() + url.path.size() +
               url.query.size() + url.fragment.size() + 16);
  href += url.scheme;
  href += ':';
  mark(UrlText::kProtocol);
  if (url.has_host) href += "//";
  href += url.username;
  mark(UrlText::kUsername);
  if (!url.password.empty()) {
    href += ':';
    href += url.password;
  }
  mark(UrlText::kPassword);
  if (url.has_credentials()) href += '@';
  mark(UrlText::kHostStart);
  href += url.host;
  mark(UrlText::kHost);
  if (url.port >= 0) {
    char digits[16];
    href += ':';
    href.append(digits, std::to_chars(digits, digits + sizeof(digits), url.port).ptr);
  }
  mark(UrlText::kPort);
  // What would be read as a host.
  if (!url.has_host && !url.has_opaque_path && url.path.compare(0, 2, "//") == 0) href += "/.";
  mark(UrlText::kPathStart);
  href += url.path;
  mark(UrlText::kPath);
  if (url.has_query) {
    href += '?';
    href += url.query;
  }
  mark(UrlText::kQuery);
  if (url.has_fragment) {
    href += '#';
    href += url.fragment;
  }
}

}  // namespace ci
