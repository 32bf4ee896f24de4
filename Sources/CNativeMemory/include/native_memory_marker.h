// SPDX-License-Identifier: Apache-2.0
// Linking this target replaces the program's malloc; it has nothing to call.
#ifndef NATIVE_MEMORY_MARKER_H
#define NATIVE_MEMORY_MARKER_H

#endif
