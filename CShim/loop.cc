// SPDX-License-Identifier: Apache-2.0
#include "cisolate/loop.h"

#include <uv.h>

#include <memory>

struct ci_loop {
  uv_loop_t loop;
  uv_async_t wake;
  void *context;
  void (*on_wake)(void *);
};

struct ci_timer {
  uv_timer_t timer;
  void *context;
  void (*on_time)(void *);
};

ci_status_t ci_loop_new(void *context, void (*on_wake)(void *), ci_loop_t **out_loop) {
  auto self = std::make_unique<ci_loop>();
  self->context = context;
  self->on_wake = on_wake;
  if (uv_loop_init(&self->loop) != 0) return CI_OUT_OF_MEMORY;
  int status = uv_async_init(&self->loop, &self->wake, [](uv_async_t *handle) {
    auto *loop = static_cast<ci_loop *>(handle->data);
    loop->on_wake(loop->context);
  });
  if (status != 0) {
    uv_loop_close(&self->loop);
    return CI_OUT_OF_MEMORY;
  }
  self->wake.data = self.get();
  *out_loop = self.release();
  return CI_OK;
}

void ci_loop_dispose(ci_loop_t *self) {
  uv_close(reinterpret_cast<uv_handle_t *>(&self->wake), nullptr);
  uv_run(&self->loop, UV_RUN_DEFAULT);
  uv_loop_close(&self->loop);
  delete self;
}

void ci_loop_turn(ci_loop_t *self, bool waits) { uv_run(&self->loop, waits ? UV_RUN_ONCE : UV_RUN_NOWAIT); }

void ci_loop_wake(ci_loop_t *self) { uv_async_send(&self->wake); }

ci_timer_t *ci_timer_new(ci_loop_t *loop, void *context, void (*on_time)(void *)) {
  auto *self = new ci_timer;
  self->context = context;
  self->on_time = on_time;
  uv_timer_init(&loop->loop, &self->timer);
  self->timer.data = self;
  return self;
}

void ci_timer_start(ci_timer_t *self, uint64_t milliseconds) {
  // libuv counts from its cached time, which is older the longer the loop was busy.
  uv_update_time(self->timer.loop);
  uv_timer_start(
      &self->timer,
      [](uv_timer_t *handle) {
        auto *timer = static_cast<ci_timer *>(handle->data);
        timer->on_time(timer->context);
      },
      milliseconds, 0);
}

void ci_timer_stop(ci_timer_t *self) { uv_timer_stop(&self->timer); }

void ci_timer_dispose(ci_timer_t *self) {
  uv_close(reinterpret_cast<uv_handle_t *>(&self->timer),
           [](uv_handle_t *handle) { delete static_cast<ci_timer *>(handle->data); });
}
