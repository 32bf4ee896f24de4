// SPDX-License-Identifier: Apache-2.0
#include "crypto.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include <algorithm>

namespace ci {

namespace {

// Bytes per microsecond of hashes and ciphers, at the least.
constexpr uint64_t kSpeed = 400;

using Run = void (*)(const CryptoRequest &, CryptoResult *, const Patience &);
using Size = size_t (*)(const CryptoRequest &);
using Effort = uint64_t (*)(const CryptoRequest &);

struct Entry {
  Run run;
  // Which of the numbers are a hash and a curve; -1: none.
  int hash;
  int curve;
  // Parts at the least, and at the most.
  size_t least;
  size_t most;
  Size size;
  Effort effort;
};

size_t None(const CryptoRequest &) { return 0; }
size_t HashSize(const CryptoRequest &request) { return SizeOf(request.hash(0)); }
size_t Pbkdf2Size(const CryptoRequest &request) { return std::max<size_t>(request.numbers[2], 1); }
size_t HkdfSize(const CryptoRequest &request) { return std::max<size_t>(request.numbers[1], 1); }
// Padding, a tag, or the block that AES-KW adds.
size_t CipherSize(const CryptoRequest &request) { return request.parts[1].count + 16; }
size_t ModulusSize(const CryptoRequest &request) { return ModulusOf(request).count; }
size_t CurveSize(const CryptoRequest &request) { return RoomFor(request.curve()); }

uint64_t OfBytes(const CryptoRequest &request) {
  uint64_t sum = 0;
  for (size_t i = 0; i < request.part_count; ++i) sum += request.parts[i].count;
  return sum / kSpeed;
}

uint64_t OfPbkdf2(const CryptoRequest &request) {
  uint64_t blocks = request.numbers[2] / SizeOf(request.hash(0)) + 1;
  return blocks * request.numbers[1] / 2 + OfBytes(request);
}

uint64_t OfHkdf(const CryptoRequest &request) {
  uint64_t blocks = request.numbers[1] / SizeOf(request.hash(0)) + 1;
  return blocks * (1 + request.parts[2].count / kSpeed) + OfBytes(request);
}

// 0.04 ms at 2048 bits with the public key, and four times that where the modulus is twice as long.
uint64_t OfPublicRsa(const CryptoRequest &request) {
  uint64_t bits = ModulusSize(request) * 8;
  return bits * bits / 2048 * 40 / 2048 + OfBytes(request);
}

// With the private key 0.7 ms, and eight times that.
uint64_t OfPrivateRsa(const CryptoRequest &request) {
  uint64_t bits = ModulusSize(request) * 8;
  return bits * bits / 2048 * bits / 2048 * 700 / 2048 + OfBytes(request);
}

uint64_t OfOaep(const CryptoRequest &request) {
  return request.numbers[0] ? OfPublicRsa(request) : OfPrivateRsa(request);
}

uint64_t Endless(const CryptoRequest &) { return UINT64_MAX; }
// What belongs to an import, whose sizes are bounded.
uint64_t Short(const CryptoRequest &) { return 0; }
// Ed25519 and Ed448 read a message twice.
uint64_t OfCurve(const CryptoRequest &request) { return 300 + 3 * OfBytes(request); }

const Entry kEntries[] = {
    {RunDigest, 0, -1, 1, 1, HashSize, OfBytes},
    {RunHmac, 0, -1, 2, 2, HashSize, OfBytes},
    {RunHmac, 0, -1, 3, 3, HashSize, OfBytes},
    {RunPbkdf2, 0, -1, 2, 2, Pbkdf2Size, OfPbkdf2},
    {RunHkdf, 0, -1, 3, 3, HkdfSize, OfHkdf},
    {RunCipher, -1, -1, 2, 4, CipherSize, OfBytes},
    {RunRsaGenerate, -1, -1, 1, 1, None, Endless},
    {RunRsaCheck, -1, -1, 2, 8, None, Short},
    {RunRsaSignature, 1, -1, 9, 9, ModulusSize, OfPrivateRsa},
    {RunRsaSignature, 1, -1, 4, 4, None, OfPublicRsa},
    {RunRsaOaep, 1, -1, 4, 10, ModulusSize, OfOaep},
    {RunCurveKey, -1, 0, 0, 0, None, Short},
    {RunCurveKey, -1, 0, 1, 1, CurveSize, Short},
    {RunCurveKey, -1, 0, 1, 1, CurveSize, Short},
    {RunCurveSignature, 1, 0, 4, 4, CurveSize, OfCurve},
    {RunCurveSignature, 1, 0, 4, 4, None, OfCurve},
    {RunCurveAgree, -1, 0, 2, 2, CurveSize, OfCurve},
};
static_assert(sizeof(kEntries) / sizeof(kEntries[0]) == static_cast<size_t>(CryptoOperation::kCount));

const Entry &EntryOf(const CryptoRequest &request) { return kEntries[static_cast<size_t>(request.operation)]; }

}  // namespace

bool IsCryptoRequest(const CryptoRequest &request) {
  if (request.operation >= CryptoOperation::kCount) return false;
  const Entry &entry = EntryOf(request);
  auto is_below = [&](int index, uint32_t count) {
    return index < 0 || request.numbers[static_cast<size_t>(index)] < count;
  };
  return request.part_count >= entry.least && request.part_count <= entry.most &&
         is_below(entry.hash, static_cast<uint32_t>(Hash::kCount)) &&
         is_below(entry.curve, static_cast<uint32_t>(Curve::kCount));
}

size_t CryptoOutputSize(const CryptoRequest &request) { return EntryOf(request).size(request); }

uint64_t CryptoEffort(const CryptoRequest &request) { return EntryOf(request).effort(request); }

void RunCrypto(const CryptoRequest &request, CryptoResult *result, const Patience &patience) {
  // At the exit of the process a thread may still compute: OpenSSL must not take itself down then.
  static const int ready = OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
  if (ready != 1) return;
  EntryOf(request).run(request, result, patience);
  ERR_clear_error();
}

}  // namespace ci
