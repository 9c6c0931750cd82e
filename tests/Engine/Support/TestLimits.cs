using GenAI.Chats.Engine.Limits;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Engine.Tests.Support;

/// <summary>Limits that a test changes.</summary>
internal sealed class TestLimits(LimitsOptions? options = null) : IOptionsMonitor<LimitsOptions>
{
    private event Action<LimitsOptions, string?>? Changed;

    public LimitsOptions CurrentValue { get; private set; } = options ?? new();

    public void Change(LimitsOptions options)
    {
        CurrentValue = options;
        Changed?.Invoke(options, null);
    }

    public LimitsOptions Get(string? name) => CurrentValue;

    public IDisposable? OnChange(Action<LimitsOptions, string?> listener)
    {
        Changed += listener;
        return null;
    }
}
