-- Replaces a record if its revision is the expected one.
-- A record is kept as the 8 bytes of its revision, and then its own bytes.
-- KEYS[1] the record's key. ARGV[1] the expected revision, empty for none. ARGV[2] the new revision and the new record, empty to
-- forget it. ARGV[3] for how many milliseconds to keep it, empty for ever.
local held = redis.call('GETRANGE', KEYS[1], 0, 7)
-- The very same swap was here before, and its reply was lost.
if held ~= '' and held == string.sub(ARGV[2], 1, 8) then return 1 end
if held ~= ARGV[1] then return 0 end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
elseif ARGV[3] == '' then
  redis.call('SET', KEYS[1], ARGV[2])
else
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
return 1
