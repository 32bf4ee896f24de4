# SPDX-License-Identifier: Apache-2.0
"""Runs web-platform-tests in the program rookery; scripts/wpt is its command."""
