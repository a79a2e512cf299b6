-- Applies one change to one entry: decays it to the time of the call, adds, and floors at 0.
-- The bytes of an entry, and each operation on its numbers, are those of countersign's
-- store/tallies, so that every store counts alike.
-- KEYS[1]: the entry's key. ARGV[1]: the time of the call, in milliseconds of Unix time.
-- A tally has ARGV[2], ARGV[3]: what to add to the unanswered and to the answered sum.
-- A recipient has ARGV[2] to ARGV[5]: what to add to its sends, to the unanswered ones, and to
-- those owed on each channel; and ARGV[6]: verified since when, empty if it was not.
local DAY = 86400000
local SUMS, NUMBER = '<BBI6dd', '<BBI6I6I6BBBI3I3I3'

local now = tonumber(ARGV[1])
-- A value of another type is a damaged entry. Damaged entries count as empty, and are replaced.
local held = redis.pcall('GET', KEYS[1])
local is_absent = not held

local function clamp(value, most) return math.min(math.max(value, 0), most) end

-- The Taylor series of e^x, for x from -1 to 0.
local function exp(x)
  local sum = 1
  for term = 24, 1, -1 do sum = 1 + x * sum / term end
  return sum
end

-- The same for small x, in the order in which the library adds.
local function exp_of_little(x)
  local sum = 0
  for _, factor in ipairs({ 1 / 5040, 1 / 720, 1 / 120, 1 / 24, 1 / 6, 0.5, 1, 1 }) do
    sum = sum * x + factor
  end
  return sum
end

-- 2^(-elapsed / DAY)
local function decay(elapsed)
  local fraction = elapsed % DAY / DAY * 32
  local step = math.floor(fraction)
  local rest = (fraction - step) / 32
  local LN_2 = 0.6931471805599453
  return 2 ^ -math.floor(elapsed / DAY) * exp(-LN_2 * step / 32) * exp_of_little(-LN_2 * rest)
end

-- The fields of the entry, or nothing if it is absent or damaged.
local function fields(format)
  if type(held) ~= 'string' or #held ~= struct.size(format) then return end
  local unpacked = { struct.unpack(format, held) }
  local is_kind = unpacked[1] == 1 and unpacked[2] == (format == SUMS and 1 or 2)
  if is_kind then return unpack(unpacked, 3) end
end

local function keep(until_millis, ...)
  redis.call('SET', KEYS[1], struct.pack(...), 'PX', string.format('%.0f', until_millis - now))
end

local function add_sums(more_unanswered, more_answered)
  local MOST = 1e15
  local function is_sum(value) return value and value >= 0 and value <= MOST end

  local at, unanswered, answered = fields(SUMS)
  if not (is_sum(unanswered) and is_sum(answered)) then at, unanswered, answered = 0, 0, 0 end
  if now > at then
    local left = now - at < 10 * DAY and decay(now - at) or 0
    at, unanswered, answered = now, unanswered * left, answered * left
  end
  unanswered = clamp(unanswered + more_unanswered, MOST)
  answered = clamp(answered + more_answered, MOST)
  if is_absent and unanswered == 0 and answered == 0 then return end
  keep(at + 10 * DAY, SUMS, 1, 1, at, unanswered, answered)
end

local function change_number(sends, more_unanswered, more_sms, more_whatsapp, since)
  -- Decayed counts have 21 bits, in steps of 2^-18.
  local ONE, MOST = 2 ^ 18, 2 ^ 21 - 1
  local function expires_at(at, last)
    return math.max(at + 10 * DAY, last > 0 and last + 180 * DAY or 0)
  end

  local at, first, last, unanswered, current, before, outstanding, sms, whatsapp = fields(NUMBER)
  if not at or first > last or last > at or now > expires_at(at, last)
    or math.max(outstanding, sms, whatsapp) > MOST then
    at, first, last, unanswered, current, before = 0, 0, 0, 0, 0, 0
    outstanding, sms, whatsapp = 0, 0, 0
  end
  if now > at then
    local days = math.floor(now / DAY) - math.floor(at / DAY)
    if days == 1 then current, before = 0, current end
    if days > 1 then current, before = 0, 0 end
    if outstanding + sms + whatsapp > 0 then
      local left = decay(now - at)
      local function decayed(count) return math.floor(count * left + 0.5) end
      outstanding, sms, whatsapp = decayed(outstanding), decayed(sms), decayed(whatsapp)
    end
    at = now
  end
  current = clamp(current + sends, 255)
  unanswered = clamp(unanswered + more_unanswered, 255)
  outstanding = clamp(outstanding + ONE * more_unanswered, MOST)
  sms = clamp(sms + ONE * more_sms, MOST)
  whatsapp = clamp(whatsapp + ONE * more_whatsapp, MOST)
  if since then
    since = math.min(since, at)
    local is_first = last == 0 or at - last > 180 * DAY
    first = is_first and since or math.min(first, since)
    last, unanswered, outstanding, sms, whatsapp = at, 0, 0, 0, 0
  end
  local is_nothing = last + unanswered + current + before + outstanding + sms + whatsapp == 0
  if is_absent and is_nothing then return end
  keep(expires_at(at, last), NUMBER, 1, 2, at, first, last, unanswered, current, before,
    outstanding, sms, whatsapp)
end

local function change(place) return tonumber(ARGV[place]) end
if #ARGV == 3 then
  add_sums(change(2), change(3))
else
  change_number(change(2), change(3), change(4), change(5), change(6))
end
