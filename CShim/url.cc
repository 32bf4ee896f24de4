// SPDX-License-Identifier: Apache-2.0
// The basic URL parser without a state override. Its states are functions of what is left of the input.
#include "url.h"

#include <algorithm>
#include <cstring>

#include "percent.h"

namespace ci {

SchemeKind KindOf(std::string_view scheme) {
  switch (scheme.size()) {
    case 2:
      return scheme == "ws" ? SchemeKind::kWS : SchemeKind::kOther;
    case 3:
      return scheme == "wss" ? SchemeKind::kWSS : scheme == "ftp" ? SchemeKind::kFTP : SchemeKind::kOther;
    case 4:
      return scheme == "http" ? SchemeKind::kHTTP : scheme == "file" ? SchemeKind::kFile : SchemeKind::kOther;
    case 5:
      return scheme == "https" ? SchemeKind::kHTTPS : SchemeKind::kOther;
    default:
      return SchemeKind::kOther;
  }
}

int DefaultPort(SchemeKind kind) {
  switch (kind) {
    case SchemeKind::kFTP:
      return 21;
    case SchemeKind::kHTTP:
    case SchemeKind::kWS:
      return 80;
    case SchemeKind::kHTTPS:
    case SchemeKind::kWSS:
      return 443;
    default:
      return -1;
  }
}

std::string_view WithoutTabsAndNewlines(std::string_view input, std::string *storage) {
  auto is_dropped = [](char c) { return c == '\t' || c == '\n' || c == '\r'; };
  if (std::none_of(input.begin(), input.end(), is_dropped)) return input;
  storage->clear();
  std::remove_copy_if(input.begin(), input.end(), std::back_inserter(*storage), is_dropped);
  return *storage;
}

size_t SchemeLength(std::string_view input) {
  if (input.empty() || !IsAlpha(input[0])) return 0;
  size_t length = 1;
  while (length < input.size()) {
    char c = input[length];
    if (!IsAlpha(c) && !IsDigit(c) && c != '+' && c != '-' && c != '.') break;
    ++length;
  }
  return length;
}

bool IsDriveLetter(std::string_view text) {
  return text.size() == 2 && IsAlpha(text[0]) && (text[1] == ':' || text[1] == '|');
}

size_t HostEnd(std::string_view authority) {
  bool in_brackets = false;
  for (size_t i = 0; i < authority.size(); ++i) {
    char c = authority[i];
    if (c == ':' && !in_brackets) return i;
    if (c == '[') in_brackets = true;
    if (c == ']') in_brackets = false;
  }
  return authority.size();
}

bool TakePort(Url *url, std::string_view text, size_t *out_length) {
  int port = 0;
  size_t length = 0;
  for (; length < text.size() && IsDigit(text[length]); ++length) {
    port = port * 10 + (text[length] - '0');
    if (port > 0xFFFF) return false;
  }
  if (length > 0) url->port = port == DefaultPort(url->kind) ? -1 : port;
  *out_length = length;
  return true;
}

namespace {

// Of the path's segments, "." and "..", whose dots may be percent-encoded; 0 is any other.
int DotsOf(std::string_view segment) {
  if (segment.size() > 6) return 0;
  int dots = 0;
  for (size_t i = 0; i < segment.size(); ++i) {
    if (segment[i] == '%' && segment.size() - i > 2 && segment[i + 1] == '2' && ToLower(segment[i + 2]) == 'e') {
      i += 2;
    } else if (segment[i] != '.') {
      return 0;
    }
    ++dots;
  }
  return dots > 2 ? 0 : dots;
}

void Shorten(Url *url) {
  std::string &path = url->path;
  if (url->is_file() && path.size() == 3 && IsAlpha(path[1]) && path[2] == ':') return;
  size_t slash = path.rfind('/');
  if (slash != std::string::npos) path.resize(slash);
}

void AppendSegment(Url *url, std::string_view segment, bool is_last) {
  int dots = segment.empty() || (segment[0] != '.' && segment[0] != '%') ? 0 : DotsOf(segment);
  if (dots == 2) Shorten(url);
  if (dots > 0) {
    if (is_last) url->path += '/';
    return;
  }
  bool is_drive = url->is_file() && url->path.empty() && IsDriveLetter(segment);
  url->path += '/';
  if (is_drive) {
    url->path += {segment[0], ':'};
  } else {
    AppendEncoded(&url->path, segment, EncodeSet::kPath);
  }
}

// Whether a path begins with a drive, and not with a name that does.
bool StartsWithDriveLetter(std::string_view rest) {
  return IsDriveLetter(rest.substr(0, 2)) && (rest.size() == 2 || std::strchr("/\\?#", rest[2]) != nullptr);
}

class Parser {
 public:
  Parser(const Url *base, Url *url) : base_(base), url_(url) {}

  bool Start(std::string_view input) {
    size_t length = SchemeLength(input);
    if (length == 0 || length == input.size() || input[length] != ':') return NoScheme(input);
    url_->scheme.assign(input, 0, length);
    for (char &c : url_->scheme) c = ToLower(c);
    url_->kind = KindOf(url_->scheme);
    std::string_view rest = input.substr(length + 1);
    bool has_slash = !rest.empty() && rest[0] == '/';
    bool has_slashes = has_slash && rest.size() > 1 && rest[1] == '/';
    if (url_->is_file()) return File(rest);
    if (url_->is_special()) {
      if (!has_slashes && base_ && base_->kind == url_->kind) return Relative(rest);
      return AuthorityAfterSlashes(rest);
    }
    if (has_slashes) return Authority(rest.substr(2));
    if (has_slash) return Path(rest.substr(1));
    url_->has_opaque_path = true;
    size_t end = std::min(rest.find_first_of("?#"), rest.size());
    AppendEncoded(&url_->path, rest.substr(0, end), EncodeSet::kC0Control);
    return QueryAndFragment(rest.substr(end));
  }

 private:
  bool NoScheme(std::string_view input) {
    if (!base_ || (base_->has_opaque_path && (input.empty() || input[0] != '#'))) return false;
    url_->scheme = base_->scheme;
    url_->kind = base_->kind;
    if (base_->has_opaque_path) {
      url_->has_opaque_path = true;
      TakePathAndQuery();
      return QueryAndFragment(input);
    }
    return url_->is_file() ? File(input) : Relative(input);
  }

  void TakeAuthority() {
    url_->username = base_->username;
    url_->password = base_->password;
    url_->has_host = base_->has_host;
    url_->host = base_->host;
    url_->port = base_->port;
  }

  void TakePathAndQuery() {
    url_->path = base_->path;
    url_->has_query = base_->has_query;
    url_->query = base_->query;
  }

  void DropQuery() {
    url_->has_query = false;
    url_->query.clear();
  }

  bool Relative(std::string_view rest) {
    if (!rest.empty() && url_->IsSlash(rest[0])) {
      rest.remove_prefix(1);
      if (!rest.empty() && url_->IsSlash(rest[0])) {
        return url_->is_special() ? AuthorityAfterSlashes(rest) : Authority(rest.substr(1));
      }
      TakeAuthority();
      return Path(rest);
    }
    TakeAuthority();
    TakePathAndQuery();
    if (rest.empty() || rest[0] == '?' || rest[0] == '#') return QueryAndFragment(rest);
    DropQuery();
    Shorten(url_);
    return Path(rest);
  }

  bool AuthorityAfterSlashes(std::string_view rest) {
    rest.remove_prefix(std::min(rest.find_first_not_of("/\\"), rest.size()));
    return Authority(rest);
  }

  bool Authority(std::string_view rest) {
    size_t end = std::min(rest.find_first_of(url_->is_special() ? "/\\?#" : "/?#"), rest.size());
    std::string_view authority = rest.substr(0, end);
    size_t at = authority.rfind('@');
    if (at != std::string_view::npos) {
      std::string_view credentials = authority.substr(0, at);
      authority.remove_prefix(at + 1);
      if (authority.empty()) return false;
      size_t colon = std::min(credentials.find(':'), credentials.size());
      AppendEncoded(&url_->username, credentials.substr(0, colon), EncodeSet::kUserinfo);
      if (colon < credentials.size()) {
        AppendEncoded(&url_->password, credentials.substr(colon + 1), EncodeSet::kUserinfo);
      }
    }
    size_t host_end = HostEnd(authority);
    if (host_end == 0 && (url_->is_special() || !authority.empty())) return false;
    if (!ParseHost(authority.substr(0, host_end), url_->is_special(), &url_->host)) return false;
    url_->has_host = true;
    if (host_end < authority.size()) {
      std::string_view port = authority.substr(host_end + 1);
      size_t length = 0;
      if (!TakePort(url_, port, &length) || length < port.size()) return false;
    }
    return PathStart(rest.substr(end));
  }

  bool File(std::string_view rest) {
    url_->has_host = true;
    bool has_base = base_ && base_->is_file();
    if (!rest.empty() && url_->IsSlash(rest[0])) {
      rest.remove_prefix(1);
      if (!rest.empty() && url_->IsSlash(rest[0])) return FileHost(rest.substr(1));
      if (has_base) {
        url_->host = base_->host;
        std::string_view drive = std::string_view(base_->path).substr(0, 3);
        bool base_has_drive = drive.size() == 3 && IsAlpha(drive[1]) && drive[2] == ':' &&
                              (base_->path.size() == 3 || base_->path[3] == '/');
        if (base_has_drive && !StartsWithDriveLetter(rest)) url_->path = drive;
      }
      return Path(rest);
    }
    if (!has_base) return Path(rest);
    url_->host = base_->host;
    TakePathAndQuery();
    if (rest.empty() || rest[0] == '?' || rest[0] == '#') return QueryAndFragment(rest);
    DropQuery();
    if (StartsWithDriveLetter(rest)) {
      url_->path.clear();
    } else {
      Shorten(url_);
    }
    return Path(rest);
  }

  bool FileHost(std::string_view rest) {
    size_t end = std::min(rest.find_first_of("/\\?#"), rest.size());
    std::string_view host = rest.substr(0, end);
    if (IsDriveLetter(host)) return Path(rest);
    if (!host.empty()) {
      if (!ParseHost(host, true, &url_->host)) return false;
      if (url_->host == "localhost") url_->host.clear();
    }
    return PathStart(rest.substr(end));
  }

  bool PathStart(std::string_view rest) {
    if (!url_->is_special() && (rest.empty() || rest[0] == '?' || rest[0] == '#')) return QueryAndFragment(rest);
    if (!rest.empty() && url_->IsSlash(rest[0])) rest.remove_prefix(1);
    return Path(rest);
  }

  bool Path(std::string_view rest) { return QueryAndFragment(rest.substr(AppendPath(url_, rest, true))); }

  // `rest` is empty or begins with the mark of one of them.
  bool QueryAndFragment(std::string_view rest) {
    size_t hash = std::min(rest.find('#'), rest.size());
    if (hash > 0) {
      url_->has_query = true;
      url_->query.clear();
      AppendEncoded(&url_->query, rest.substr(1, hash - 1),
                    url_->is_special() ? EncodeSet::kSpecialQuery : EncodeSet::kQuery);
    }
    if (hash < rest.size()) {
      url_->has_fragment = true;
      AppendEncoded(&url_->fragment, rest.substr(hash + 1), EncodeSet::kFragment);
    }
    return true;
  }

  const Url *const base_;
  Url *const url_;
};

}  // namespace

size_t AppendPath(Url *url, std::string_view text, bool stops) {
  for (size_t start = 0;;) {
    size_t end = start;
    while (end < text.size() && !url->IsSlash(text[end]) && !(stops && (text[end] == '?' || text[end] == '#'))) ++end;
    bool is_last = end == text.size() || !url->IsSlash(text[end]);
    AppendSegment(url, text.substr(start, end - start), is_last);
    if (is_last) return end;
    start = end + 1;
  }
}

bool ParseUrl(std::string_view input, const Url *base, Url *out) {
  auto is_space = [](char c) { return static_cast<uint8_t>(c) <= ' '; };
  while (!input.empty() && is_space(input.front())) input.remove_prefix(1);
  while (!input.empty() && is_space(input.back())) input.remove_suffix(1);
  std::string storage;
  return Parser(base, out).Start(WithoutTabsAndNewlines(input, &storage));
}

}  // namespace ci
