// SPDX-License-Identifier: Apache-2.0
export const Automatic = () => <p id="1">automatic{2}</p>;
