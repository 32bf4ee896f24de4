// SPDX-License-Identifier: Apache-2.0
// Hashes, and what is made of them: HMAC, HKDF, PBKDF2.

// The functions of one hash each, which OpenSSL 3 calls deprecated: a state of theirs is copied by assignment, and
// PBKDF2 copies two for each iteration. With EVP each copy allocates, and an iteration takes twice as long.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/sha.h>

#include <cstring>

#include "crypto.h"

namespace ci {

namespace {

constexpr size_t kHashes = static_cast<size_t>(Hash::kCount);
constexpr size_t kSizes[kHashes] = {SHA_DIGEST_LENGTH, SHA256_DIGEST_LENGTH, SHA384_DIGEST_LENGTH,
                                    SHA512_DIGEST_LENGTH};
constexpr const char *kNames[kHashes] = {"SHA1", "SHA256", "SHA384", "SHA512"};

using OwnedMac = Owned<EVP_MAC_CTX, EVP_MAC_CTX_free>;

OwnedMac NewHmac(Hash hash, Bytes key) {
  static EVP_MAC *const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  OwnedMac context(hmac ? EVP_MAC_CTX_new(hmac) : nullptr);
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char *>(kNames[static_cast<size_t>(hash)]), 0),
      OSSL_PARAM_construct_end()};
  if (context && EVP_MAC_init(context.get(), AddressOf(key), key.count, parameters) != 1) context.reset();
  return context;
}

bool Add(const OwnedMac &context, Bytes bytes) { return EVP_MAC_update(context.get(), bytes.data, bytes.count) == 1; }

bool Finish(const OwnedMac &context, Hash hash, uint8_t *out) {
  size_t count = 0;
  return EVP_MAC_final(context.get(), out, &count, SizeOf(hash)) == 1 && count == SizeOf(hash);
}

bool Hmac(Hash hash, Bytes key, Bytes data, uint8_t *out, const Patience &patience) {
  OwnedMac context = NewHmac(hash, key);
  return context &&
         InSlices(data, patience,
                  [&](const uint8_t *slice, size_t count) {
                    return Add(context, {slice, count});
                  }) &&
         Finish(context, hash, out);
}

// ---- PBKDF2

template <typename State, int (*init)(State *), int (*update)(State *, const void *, size_t),
          int (*final)(unsigned char *, State *), size_t size, size_t block>
struct Function {
  static constexpr size_t kSize = size;
  static constexpr size_t kBlock = block;
  State state;
  void Begin() { init(&state); }
  void Add(const uint8_t *data, size_t count) { update(&state, data, count); }
  void Finish(uint8_t *out) { final(out, &state); }
};
using Sha1 = Function<SHA_CTX, SHA1_Init, SHA1_Update, SHA1_Final, SHA_DIGEST_LENGTH, SHA_CBLOCK>;
using Sha256 = Function<SHA256_CTX, SHA256_Init, SHA256_Update, SHA256_Final, SHA256_DIGEST_LENGTH, SHA256_CBLOCK>;
using Sha384 = Function<SHA512_CTX, SHA384_Init, SHA384_Update, SHA384_Final, SHA384_DIGEST_LENGTH, SHA512_CBLOCK>;
using Sha512 = Function<SHA512_CTX, SHA512_Init, SHA512_Update, SHA512_Final, SHA512_DIGEST_LENGTH, SHA512_CBLOCK>;

// HMAC with its key taken in: what each message begins with.
template <typename F>
class KeyedHmac {
 public:
  explicit KeyedHmac(Bytes key) {
    uint8_t block[F::kBlock] = {};
    if (key.count > F::kBlock) {
      inner_.Begin();
      inner_.Add(key.data, key.count);
      inner_.Finish(block);
    } else if (key.count > 0) {
      std::memcpy(block, key.data, key.count);
    }
    Begin(&inner_, block, 0x36);
    Begin(&outer_, block, 0x36 ^ 0x5c);
    OPENSSL_cleanse(block, sizeof(block));
  }
  ~KeyedHmac() {
    OPENSSL_cleanse(&inner_, sizeof(inner_));
    OPENSSL_cleanse(&outer_, sizeof(outer_));
  }
  KeyedHmac(const KeyedHmac &) = delete;

  F inner() const { return inner_; }
  void Finish(F *inner, uint8_t *out) const {
    inner->Finish(out);
    F outer = outer_;
    outer.Add(out, F::kSize);
    outer.Finish(out);
  }

 private:
  static void Begin(F *function, uint8_t *block, uint8_t mask) {
    for (size_t i = 0; i < F::kBlock; ++i) block[i] ^= mask;
    function->Begin();
    function->Add(block, F::kBlock);
  }
  F inner_;
  F outer_;
};

template <typename F>
bool Pbkdf2(Bytes password, Bytes salt, uint32_t iterations, uint8_t *out, size_t count, const Patience &patience) {
  constexpr uint32_t kBetweenLooks = 1024;
  uint32_t until_look = kBetweenLooks;
  KeyedHmac<F> hmac(password);
  F salted = hmac.inner();
  salted.Add(salt.data, salt.count);
  uint8_t last[F::kSize];
  uint8_t sum[F::kSize];
  uint32_t number = 0;
  for (size_t at = 0; at < count; at += F::kSize) {
    ++number;
    const uint8_t suffix[] = {static_cast<uint8_t>(number >> 24), static_cast<uint8_t>(number >> 16),
                              static_cast<uint8_t>(number >> 8), static_cast<uint8_t>(number)};
    F first = salted;
    first.Add(suffix, sizeof(suffix));
    hmac.Finish(&first, last);
    std::memcpy(sum, last, F::kSize);
    for (uint32_t i = 1; i < iterations; ++i) {
      F next = hmac.inner();
      next.Add(last, F::kSize);
      hmac.Finish(&next, last);
      for (size_t j = 0; j < F::kSize; ++j) sum[j] ^= last[j];
      if (--until_look == 0) {
        if (!patience()) return false;
        until_look = kBetweenLooks;
      }
    }
    if (--until_look == 0) {
      if (!patience()) return false;
      until_look = kBetweenLooks;
    }
    std::memcpy(out + at, sum, count - at < F::kSize ? count - at : F::kSize);
  }
  OPENSSL_cleanse(last, sizeof(last));
  OPENSSL_cleanse(sum, sizeof(sum));
  return true;
}

}  // namespace

const EVP_MD *MessageDigest(Hash hash) {
  static EVP_MD *const digests[kHashes] = {
      EVP_MD_fetch(nullptr, kNames[0], nullptr), EVP_MD_fetch(nullptr, kNames[1], nullptr),
      EVP_MD_fetch(nullptr, kNames[2], nullptr), EVP_MD_fetch(nullptr, kNames[3], nullptr)};
  return digests[static_cast<size_t>(hash)];
}

size_t SizeOf(Hash hash) { return kSizes[static_cast<size_t>(hash)]; }

void RunDigest(const CryptoRequest &request, CryptoResult *result, const Patience &patience) {
  OwnedDigestContext context(EVP_MD_CTX_new());
  const EVP_MD *digest = MessageDigest(request.hash(0));
  if (!context || !digest || EVP_DigestInit_ex2(context.get(), digest, nullptr) != 1) return;
  bool is_done = InSlices(request.parts[0], patience, [&](const uint8_t *slice, size_t count) {
    return EVP_DigestUpdate(context.get(), slice, count) == 1;
  });
  if (is_done && EVP_DigestFinal_ex(context.get(), result->output, nullptr) == 1)
    result->SetBytes(SizeOf(request.hash(0)));
}

void RunHmac(const CryptoRequest &request, CryptoResult *result, const Patience &patience) {
  Hash hash = request.hash(0);
  if (!Hmac(hash, request.parts[0], request.parts[1], result->output, patience)) return;
  if (request.operation == CryptoOperation::kHmac) {
    result->SetBytes(SizeOf(hash));
  } else {
    Bytes given = request.parts[2];
    result->SetTruth(given.count == SizeOf(hash) && CRYPTO_memcmp(result->output, given.data, given.count) == 0);
  }
}

void RunPbkdf2(const CryptoRequest &request, CryptoResult *result, const Patience &patience) {
  auto run = [&](auto function) {
    return function(request.parts[0], request.parts[1], request.numbers[1], result->output, request.numbers[2],
                    patience);
  };
  bool is_done = false;
  switch (request.hash(0)) {
    case Hash::kSha1:
      is_done = run(Pbkdf2<Sha1>);
      break;
    case Hash::kSha256:
      is_done = run(Pbkdf2<Sha256>);
      break;
    case Hash::kSha384:
      is_done = run(Pbkdf2<Sha384>);
      break;
    case Hash::kSha512:
      is_done = run(Pbkdf2<Sha512>);
      break;
    case Hash::kCount:
      break;
  }
  if (is_done) result->SetBytes(request.numbers[2]);
}

// RFC 5869. OpenSSL's own bounds the length of `info`.
void RunHkdf(const CryptoRequest &request, CryptoResult *result, const Patience &patience) {
  Hash hash = request.hash(0);
  size_t size = SizeOf(hash);
  size_t count = request.numbers[1];
  uint8_t key[EVP_MAX_MD_SIZE];
  uint8_t last[EVP_MAX_MD_SIZE];
  if (count > 255 * size || !Hmac(hash, request.parts[1], request.parts[0], key, patience)) return;
  uint8_t number = 0;
  size_t at = 0;
  for (; at < count; at += size) {
    if (number > 0 && !patience()) return;
    OwnedMac context = NewHmac(hash, {key, size});
    if (!context || (number > 0 && !Add(context, {last, size}))) return;
    ++number;
    bool is_done = InSlices(request.parts[2], patience, [&](const uint8_t *slice, size_t slice_count) {
      return Add(context, {slice, slice_count});
    });
    if (!is_done || !Add(context, {&number, 1}) || !Finish(context, hash, last)) return;
    std::memcpy(result->output + at, last, count - at < size ? count - at : size);
  }
  OPENSSL_cleanse(key, sizeof(key));
  OPENSSL_cleanse(last, sizeof(last));
  result->SetBytes(count);
}

}  // namespace ci
