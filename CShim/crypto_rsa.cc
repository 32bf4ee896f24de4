// SPDX-License-Identifier: Apache-2.0
// RSA keys as lists of components: n, e, and of a private key d, p, q, d mod p-1, d mod q-1, the inverse of q mod p.
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "crypto.h"

namespace ci {

namespace {

constexpr size_t kPublic = 2;
constexpr size_t kPrivate = 8;
constexpr int kLeastBits = 256;
constexpr int kMostBits = OPENSSL_RSA_MAX_MODULUS_BITS;
constexpr const char *kNames[kPrivate] = {OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
                                          OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
                                          OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
                                          OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};

using OwnedNumber = Owned<BIGNUM, BN_clear_free>;
using OwnedNumbers = Owned<BN_CTX, BN_CTX_free>;
using OwnedBuilder = Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using OwnedParameters = Owned<OSSL_PARAM, OSSL_PARAM_free>;

// Where the components begin: what comes before them differs.
size_t FirstComponent(const CryptoRequest &request) {
  switch (request.operation) {
    case CryptoOperation::kRsaSign:
      return 1;
    case CryptoOperation::kRsaVerify:
    case CryptoOperation::kRsaOaep:
      return 2;
    default:
      return 0;
  }
}

class Components {
 public:
  explicit Components(const CryptoRequest &request) {
    size_t first = FirstComponent(request);
    size_t count = request.part_count - first;
    if (count != kPublic && count != kPrivate) return;
    for (size_t i = 0; i < count; ++i) {
      Bytes part = request.parts[first + i];
      if (part.count > kMostBits / 8) return;
      numbers_[i].reset(BN_bin2bn(part.data, static_cast<int>(part.count), nullptr));
      if (!numbers_[i]) return;
    }
    count_ = count;
  }

  bool is_private() const { return count_ == kPrivate; }
  const BIGNUM *operator[](size_t i) const { return numbers_[i].get(); }

  // Whether they are of the sizes and the parity that the functions of OpenSSL expect.
  bool HaveShape() const {
    if (count_ == 0) return false;
    int bits = BN_num_bits((*this)[0]);
    if (bits < kLeastBits || bits > kMostBits || !BN_is_odd((*this)[0])) return false;
    if (!BN_is_odd((*this)[1]) || BN_is_one((*this)[1]) || BN_cmp((*this)[1], (*this)[0]) >= 0) return false;
    for (size_t i = kPublic; i < count_; ++i) {
      if (BN_is_zero((*this)[i]) || BN_cmp((*this)[i], (*this)[0]) >= 0) return false;
    }
    return count_ == kPublic ||
           (BN_is_odd((*this)[3]) && BN_is_odd((*this)[4]) && !BN_is_one((*this)[3]) && !BN_is_one((*this)[4]));
  }

  OwnedKey Key() const {
    if (!HaveShape()) return nullptr;
    OwnedBuilder builder(OSSL_PARAM_BLD_new());
    if (!builder) return nullptr;
    for (size_t i = 0; i < count_; ++i) {
      if (OSSL_PARAM_BLD_push_BN(builder.get(), kNames[i], (*this)[i]) != 1) return nullptr;
    }
    OwnedParameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    OwnedKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    EVP_PKEY *key = nullptr;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, is_private() ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                          parameters.get()) != 1) {
      return nullptr;
    }
    return OwnedKey(key);
  }

 private:
  std::array<OwnedNumber, kPrivate> numbers_;
  size_t count_ = 0;
};

// Of a factor and its exponent: exponent = d mod factor-1, and e * exponent = 1 mod factor-1.
bool Agree(const Components &key, size_t factor, size_t exponent, BN_CTX *context) {
  OwnedNumber less(BN_dup(key[factor]));
  OwnedNumber result(BN_new());
  return less && result && BN_sub_word(less.get(), 1) == 1 && BN_mod(result.get(), key[2], less.get(), context) == 1 &&
         BN_cmp(result.get(), key[exponent]) == 0 &&
         BN_mod_mul(result.get(), key[1], key[exponent], less.get(), context) == 1 && BN_is_one(result.get());
}

// Whether the components belong together. That the factors are primes is not looked at.
bool IsKey(const Components &key) {
  if (!key.HaveShape()) return false;
  if (!key.is_private()) return true;
  OwnedNumbers context(BN_CTX_new());
  OwnedNumber result(BN_new());
  return context && result && BN_mul(result.get(), key[3], key[4], context.get()) == 1 &&
         BN_cmp(result.get(), key[0]) == 0 && Agree(key, 3, 5, context.get()) && Agree(key, 4, 6, context.get()) &&
         BN_mod_mul(result.get(), key[7], key[4], key[3], context.get()) == 1 && BN_is_one(result.get());
}

int GoesOn(EVP_PKEY_CTX *context) {
  return (*static_cast<const Patience *>(EVP_PKEY_CTX_get_app_data(context)))() ? 1 : 0;
}

bool SetPadding(EVP_PKEY_CTX *context, const CryptoRequest &request) {
  if (request.numbers[0] == 0) return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  // Negative lengths have meanings of their own.
  return request.numbers[2] <= kMostBits / 8 && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, static_cast<int>(request.numbers[2])) == 1;
}

}  // namespace

Bytes ModulusOf(const CryptoRequest &request) { return request.parts[FirstComponent(request)]; }

void RunRsaGenerate(const CryptoRequest &request, CryptoResult *result, const Patience &patience) {
  uint32_t bits = request.numbers[0];
  Bytes exponent = request.parts[0];
  if (bits < kLeastBits || bits > kMostBits || exponent.count > kMostBits / 8) return;
  OwnedNumber e(BN_bin2bn(exponent.data, static_cast<int>(exponent.count), nullptr));
  OwnedKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  // OpenSSL looks for primes in vain where the exponent is even, or longer than they are.
  if (!e || !BN_is_odd(e.get()) || BN_is_one(e.get()) || BN_num_bits(e.get()) > 64 || !context) return;
  EVP_PKEY *made = nullptr;
  EVP_PKEY_CTX_set_app_data(context.get(), const_cast<Patience *>(&patience));
  EVP_PKEY_CTX_set_cb(context.get(), GoesOn);
  if (EVP_PKEY_keygen_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), static_cast<int>(bits)) != 1 ||
      EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), e.get()) != 1 || EVP_PKEY_keygen(context.get(), &made) != 1) {
    return;
  }
  OwnedKey key(made);
  std::vector<std::string> parts;
  for (const char *name : kNames) {
    BIGNUM *number = nullptr;
    if (EVP_PKEY_get_bn_param(key.get(), name, &number) != 1) return;
    OwnedNumber owned(number);
    std::string part(static_cast<size_t>(BN_num_bytes(number)), '\0');
    BN_bn2bin(number, reinterpret_cast<unsigned char *>(part.data()));
    parts.push_back(std::move(part));
  }
  result->SetParts(std::move(parts));
}

void RunRsaCheck(const CryptoRequest &request, CryptoResult *result, const Patience &) {
  result->SetTruth(IsKey(Components(request)));
}

void RunRsaSignature(const CryptoRequest &request, CryptoResult *result, const Patience &patience) {
  bool signs = request.operation == CryptoOperation::kRsaSign;
  OwnedKey key = Components(request).Key();
  OwnedDigestContext context(EVP_MD_CTX_new());
  const EVP_MD *digest = MessageDigest(request.hash(1));
  EVP_PKEY_CTX *padding = nullptr;
  if (!key || !context || !digest) return;
  auto begin = signs ? EVP_DigestSignInit : EVP_DigestVerifyInit;
  if (begin(context.get(), &padding, digest, nullptr, key.get()) != 1 || !SetPadding(padding, request)) return;
  bool is_added = InSlices(request.parts[0], patience, [&](const uint8_t *slice, size_t count) {
    return EVP_DigestUpdate(context.get(), slice, count) == 1;
  });
  if (!is_added) return;
  size_t count = ModulusOf(request).count;
  if (!signs) {
    Bytes given = request.parts[1];
    result->SetTruth(EVP_DigestVerifyFinal(context.get(), AddressOf(given), given.count) == 1);
  } else if (EVP_DigestSignFinal(context.get(), result->output, &count) == 1) {
    result->SetBytes(count);
  }
}

void RunRsaOaep(const CryptoRequest &request, CryptoResult *result, const Patience &) {
  bool encrypts = request.numbers[0] != 0;
  Bytes data = request.parts[0];
  Bytes label = request.parts[1];
  OwnedKey key = Components(request).Key();
  OwnedKeyContext context(key ? EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr) : nullptr);
  const EVP_MD *digest = MessageDigest(request.hash(1));
  if (!context || !digest || label.count > INT32_MAX) return;
  auto begin = encrypts ? EVP_PKEY_encrypt_init : EVP_PKEY_decrypt_init;
  auto run = encrypts ? EVP_PKEY_encrypt : EVP_PKEY_decrypt;
  if (begin(context.get()) != 1 || EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) != 1 ||
      EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), digest) != 1 ||
      EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), digest) != 1) {
    return;
  }
  if (label.count > 0) {
    // The context takes the copy over, if it takes it.
    void *copy = OPENSSL_memdup(label.data, label.count);
    if (!copy) return;
    if (EVP_PKEY_CTX_set0_rsa_oaep_label(context.get(), copy, static_cast<int>(label.count)) != 1) {
      OPENSSL_free(copy);
      return;
    }
  }
  size_t count = ModulusOf(request).count;
  if (run(context.get(), result->output, &count, AddressOf(data), data.count) == 1) result->SetBytes(count);
}

}  // namespace ci
