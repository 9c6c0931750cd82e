using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Limits;

namespace GenAI.Chats.Engine.Tests.Support;

/// <summary>Quotas that limit only the number of chats.</summary>
internal sealed class UnlimitedQuotas(TestLimits limits) : ITenantQuotas, ITenantQuota
{
    public TenantLimits Limits => limits.CurrentValue.Of(ChatWorld.Tenant);

    public ITenantQuota Open(string tenant) => this;

    public IDisposable? Check(string tenant, bool mayBeRetry) => null;

    public ValueTask<TurnPermit> AcquireAsync(long inputBytes) => new(new TurnPermit(_ => { }));

    public ValueTask<ChatException?> CheckBytesAsync(long bytes) => default;

    public void CountPending(int turns, long inputBytes, TurnPermit? permit = null) => permit?.Dispose();

    public void CountStored(long bytes)
    {
    }

    public void CountEnded(TimeSpan duration, long tokens)
    {
    }

    public void Close()
    {
    }
}
