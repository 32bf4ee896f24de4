// SPDX-License-Identifier: Apache-2.0
// AES in the modes CBC, CTR and GCM, and AES-KW.
#include <openssl/crypto.h>

#include <cstring>

#include "crypto.h"

namespace ci {

namespace {

// The numbers are known to JavaScript.
enum Mode : uint32_t { kCbc, kCtr, kGcm, kWrap, kModes };

constexpr size_t kBlock = 16;
// AES-KW takes its data at once, with six rounds for each 8 bytes.
constexpr size_t kLongestWrap = size_t{16} << 20;

using OwnedCipher = Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

const EVP_CIPHER *CipherOf(uint32_t mode, size_t key_size) {
  static EVP_CIPHER *const ciphers[kModes][3] = {
      {EVP_CIPHER_fetch(nullptr, "AES-128-CBC", nullptr), EVP_CIPHER_fetch(nullptr, "AES-192-CBC", nullptr),
       EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr)},
      {EVP_CIPHER_fetch(nullptr, "AES-128-CTR", nullptr), EVP_CIPHER_fetch(nullptr, "AES-192-CTR", nullptr),
       EVP_CIPHER_fetch(nullptr, "AES-256-CTR", nullptr)},
      {EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr), EVP_CIPHER_fetch(nullptr, "AES-192-GCM", nullptr),
       EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr)},
      {EVP_CIPHER_fetch(nullptr, "AES-128-WRAP", nullptr), EVP_CIPHER_fetch(nullptr, "AES-192-WRAP", nullptr),
       EVP_CIPHER_fetch(nullptr, "AES-256-WRAP", nullptr)},
  };
  if (mode >= kModes || (key_size != 16 && key_size != 24 && key_size != 32)) return nullptr;
  return ciphers[mode][key_size / 8 - 2];
}

// One use of a cipher: what is written, and where.
class Cipher {
 public:
  Cipher(const CryptoRequest &request, uint8_t *out)
      : request_(request), context_(EVP_CIPHER_CTX_new()), out_(out), start_(out) {}

  bool encrypts() const { return request_.numbers[1] != 0; }
  EVP_CIPHER_CTX *context() const { return context_.get(); }
  size_t written() const { return static_cast<size_t>(out_ - start_); }
  uint8_t *end() const { return out_; }
  void Wrote(size_t count) { out_ += count; }

  // With a null vector: that is set later.
  bool Begin(const uint8_t *vector, bool with_key = true) {
    Bytes key = request_.parts[0];
    const EVP_CIPHER *cipher = CipherOf(request_.numbers[0], key.count);
    return context_ && cipher &&
           EVP_CipherInit_ex2(context(), cipher, with_key ? key.data : nullptr, vector, encrypts(), nullptr) == 1;
  }

  bool Add(Bytes data, const Patience &patience) {
    return InSlices(data, patience, [&](const uint8_t *slice, size_t count) {
      int written = 0;
      if (EVP_CipherUpdate(context(), out_, &written, slice, static_cast<int>(count)) != 1) return false;
      out_ += written;
      return true;
    });
  }

  bool Finish() {
    int written = 0;
    if (EVP_CipherFinal_ex(context(), out_, &written) != 1) return false;
    out_ += written;
    return true;
  }

 private:
  const CryptoRequest &request_;
  OwnedCipher context_;
  uint8_t *out_;
  uint8_t *const start_;
};

bool RunCbc(Cipher *cipher, Bytes data, Bytes vector, const Patience &patience) {
  return vector.count == kBlock && cipher->Begin(vector.data) && cipher->Add(data, patience) && cipher->Finish();
}

// The counter is the last `bits` of the block, and wraps around within them; OpenSSL counts in the whole block.
bool RunCtr(Cipher *cipher, Bytes data, Bytes vector, uint32_t bits, const Patience &patience) {
  if (vector.count != kBlock || bits < 1 || bits > 128) return false;
  unsigned __int128 block = 0;
  for (size_t i = 0; i < kBlock; ++i) block = block << 8 | vector.data[i];
  unsigned __int128 mask =
      bits == 128 ? ~static_cast<unsigned __int128>(0) : (static_cast<unsigned __int128>(1) << bits) - 1;
  unsigned __int128 blocks = data.count / kBlock + (data.count % kBlock != 0);
  // No counter may come twice.
  if (blocks > 0 && blocks - 1 > mask) return false;
  unsigned __int128 left = mask - (block & mask);
  size_t before = blocks > 0 && blocks - 1 > left ? static_cast<size_t>(left + 1) * kBlock : data.count;
  if (!cipher->Begin(vector.data) || !cipher->Add({data.data, before}, patience)) return false;
  if (before == data.count) return true;
  uint8_t wrapped[kBlock];
  unsigned __int128 start = block & ~mask;
  for (size_t i = kBlock; i-- > 0; start >>= 8) wrapped[i] = static_cast<uint8_t>(start);
  return cipher->Begin(wrapped) && cipher->Add({data.data + before, data.count - before}, patience);
}

bool RunGcm(Cipher *cipher, Bytes data, const CryptoRequest &request, const Patience &patience) {
  Bytes vector = request.parts[2];
  Bytes additional = request.parts[3];
  size_t tag = request.numbers[2] / 8;
  if (tag < 4 || tag > 16 || vector.count > INT32_MAX || (!cipher->encrypts() && data.count < tag)) return false;
  EVP_CIPHER_CTX *context = cipher->context();
  if (!cipher->Begin(nullptr, false) ||
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(vector.count), nullptr) != 1 ||
      EVP_CipherInit_ex2(context, nullptr, request.parts[0].data, AddressOf(vector), cipher->encrypts(), nullptr) !=
          1) {
    return false;
  }
  bool is_added = InSlices(additional, patience, [&](const uint8_t *slice, size_t count) {
    int ignored = 0;
    return EVP_CipherUpdate(context, nullptr, &ignored, slice, static_cast<int>(count)) == 1;
  });
  if (!is_added) return false;
  if (cipher->encrypts()) {
    if (!cipher->Add(data, patience) || !cipher->Finish()) return false;
    if (EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag), cipher->end()) != 1) return false;
    cipher->Wrote(tag);
    return true;
  }
  data.count -= tag;
  auto *expected = const_cast<uint8_t *>(data.data + data.count);
  return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag), expected) == 1 &&
         cipher->Add(data, patience) && cipher->Finish();
}

bool RunWrap(Cipher *cipher, Bytes data) {
  size_t least = cipher->encrypts() ? 16 : 24;
  if (data.count < least || data.count > kLongestWrap || data.count % 8 != 0) return false;
  if (!cipher->context()) return false;
  EVP_CIPHER_CTX_set_flags(cipher->context(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  int written = 0;
  if (!cipher->Begin(nullptr) ||
      EVP_CipherUpdate(cipher->context(), cipher->end(), &written, data.data, static_cast<int>(data.count)) != 1) {
    return false;
  }
  cipher->Wrote(static_cast<size_t>(written));
  return true;
}

bool Run(Cipher *cipher, const CryptoRequest &request, const Patience &patience) {
  Bytes data = request.parts[1];
  switch (request.numbers[0]) {
    case kCbc:
      return RunCbc(cipher, data, request.parts[2], patience);
    case kCtr:
      return RunCtr(cipher, data, request.parts[2], request.numbers[2], patience);
    case kGcm:
      return RunGcm(cipher, data, request, patience);
    case kWrap:
      return RunWrap(cipher, data);
    default:
      return false;
  }
}

}  // namespace

void RunCipher(const CryptoRequest &request, CryptoResult *result, const Patience &patience) {
  Cipher cipher(request, result->output);
  if (Run(&cipher, request, patience)) {
    result->SetBytes(cipher.written());
  } else {
    // Plain text that was not authenticated.
    OPENSSL_cleanse(result->output, cipher.written());
  }
}

}  // namespace ci
