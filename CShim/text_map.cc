// SPDX-License-Identifier: Apache-2.0
#include "text_map.h"

#include <dlfcn.h>
#include <link.h>
#include <v8.h>

#include <atomic>
#include <cstring>
#include <vector>

namespace ci {

namespace {

struct Text {
  uintptr_t begin;
  uintptr_t end;
  Code code;
};
struct Map {
  unsigned long long loads = 0;
  std::vector<Text> texts;
};

// Maps are replaced, never freed: a signal handler may be reading one. Libraries rarely come.
std::atomic<const Map *> current{nullptr};

uintptr_t EngineBase() {
  Dl_info info;
  return dladdr(reinterpret_cast<const void *>(&v8::V8::GetVersion), &info)
             ? reinterpret_cast<uintptr_t>(info.dli_fbase)
             : 0;
}

}  // namespace

void ReadTextMap() {
  auto *map = new Map;
  dl_iterate_phdr(
      [](dl_phdr_info *object, size_t, void *data) {
        auto *map = static_cast<Map *>(data);
        map->loads = object->dlpi_adds;
        const Map *known = current.load();
        if (known && known->loads == map->loads) return 1;
        static const uintptr_t engine = EngineBase();
        Code code = object->dlpi_addr == engine                 ? Code::kEngine
                    : std::strstr(object->dlpi_name, "/libicu") ? Code::kUnicode
                                                                : Code::kOther;
        for (int i = 0; i < object->dlpi_phnum; ++i) {
          const auto &segment = object->dlpi_phdr[i];
          if (segment.p_type != PT_LOAD || !(segment.p_flags & PF_X)) continue;
          uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
          map->texts.push_back({begin, begin + segment.p_memsz, code});
        }
        return 0;
      },
      map);
  if (map->texts.empty()) {
    delete map;
  } else {
    current.store(map);
  }
}

Code CodeAt(uintptr_t instruction) {
  const Map *map = current.load();
  if (!map) return Code::kOther;
  for (const Text &text : map->texts) {
    if (instruction >= text.begin && instruction < text.end) return text.code;
  }
  return Code::kGenerated;
}

}  // namespace ci
