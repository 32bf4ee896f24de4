// SPDX-License-Identifier: Apache-2.0
// Linking this target replaces the open of the program; it has nothing to call.
#ifndef THREAD_STATES_MARKER_H
#define THREAD_STATES_MARKER_H

#endif
