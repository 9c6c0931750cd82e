using GenAI.Chats.Engine.Errors;
using Google.Rpc;

namespace GenAI.Chats.Engine.Limits;

/// <summary>What is answered to those that are not admitted. Each names the limit and its value; and when to come again, where time mends it.</summary>
internal static class LimitErrors
{
    public static ChatException ConcurrentTurns(long limit, TimeSpan delay) => New(
        "TENANT_CONCURRENT_TURNS", nameof(TenantLimits.ConcurrentTurns), limit, delay, $"{limit} turns of the tenant are queued or running, as many as may be");

    public static ChatException TurnsPerMinute(long limit, TimeSpan delay) => New(
        "TENANT_TURNS_PER_MINUTE", nameof(TenantLimits.TurnsPerMinute), limit, delay, $"The tenant has sent {limit} turns a minute, as many as it may");

    public static ChatException TokensPerDay(long limit, TimeSpan delay) => New(
        "TENANT_TOKENS_PER_DAY", nameof(TenantLimits.TokensPerDay), limit, delay, $"The tenant's turns have used {limit} tokens today, as many as they may");

    public static ChatException StoredBytes(long limit) => New(
        "TENANT_STORED_BYTES", nameof(TenantLimits.StoredBytes), limit, null, $"The tenant's chats would have more than {limit} bytes, as many as they may have");

    public static ChatException Chats(long limit) => New(
        "TOO_MANY_CHATS", nameof(TenantLimits.Chats), limit, null, $"There are {limit} chats, as many as may be");

    public static ChatException ServerBusy(long limit, TimeSpan delay) => New(
        "SERVER_BUSY", "Server:ConcurrentTurns", limit, delay, $"The server runs {limit} turns, as many as it may, and enough others wait");

    public static ChatException ServerMemory(double limit, TimeSpan delay) => New(
        "SERVER_MEMORY", "Server:MaxMemoryUtilization", (long)(limit * 100), delay, "The server's memory is in use but for a reserve");

    private static ChatException New(string reason, string limit, long value, TimeSpan? delay, string message) =>
        new(Code.ResourceExhausted, reason, $"{message} ({LimitsOptions.SectionName}, {limit}).") { Limit = limit, LimitValue = value, RetryDelay = delay };
}
