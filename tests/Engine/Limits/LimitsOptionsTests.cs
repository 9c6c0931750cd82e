using GenAI.Chats.Engine.Limits;
using GenAI.Chats.TestKit.Chats;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Engine.Tests.Limits;

public sealed class LimitsOptionsTests : IDisposable
{
    private readonly ConfigurationManager _configuration = new();
    private readonly WarningLog _log = new();
    private ServiceProvider? _services;

    [Fact]
    public void Of_NothingConfigured_OnlyChatsAreLimited()
    {
        var limits = Monitor();

        Assert.Equal(new TenantLimits { Chats = 10_000_000 }, limits.CurrentValue.Of("default"));
        Assert.False(limits.CurrentValue.Of("default").AreShared);
        Assert.Equal(new ServerLimits { MaxQueuedChats = 1000, MaxMemoryUtilization = 0.85, CriticalMemoryUtilization = 0.95 }, limits.CurrentValue.Server);
    }

    [Fact]
    public void Of_TenantWithItsOwn_OverridesOneByOne()
    {
        var limits = Monitor(
            ("Default:TurnsPerMinute", "60"), ("Default:ConcurrentTurns", "5"), ("Tenants:Acme:TurnsPerMinute", "600"), ("Tenants:free:ConcurrentTurns", "-1"),
            ("Tenants:shut:ConcurrentTurns", "0"), ("Tenants:Acme:TokensPerDay", "123456789012"));

        Assert.Equal(new TenantLimits { ConcurrentTurns = 5, TurnsPerMinute = 600, TokensPerDay = 123_456_789_012, Chats = 10_000_000 }, limits.CurrentValue.Of("acme"));
        Assert.Equal(new TenantLimits { TurnsPerMinute = 60, Chats = 10_000_000 }, limits.CurrentValue.Of("free"));
        Assert.Equal(0, limits.CurrentValue.Of("shut").ConcurrentTurns);
        Assert.Equal(new TenantLimits { ConcurrentTurns = 5, TurnsPerMinute = 60, Chats = 10_000_000 }, limits.CurrentValue.Of("other"));
    }

    [Theory]
    [InlineData("Server:ConcurrentTurns", "0", "Limits:Server:ConcurrentTurns: invalid value '0'. Expected: between 1 and 1000000.")]
    [InlineData("Server:MaxQueuedChats", "-1", "Limits:Server:MaxQueuedChats: invalid value '-1'. Expected: between 0 and 1000000.")]
    [InlineData("Server:MaxMemoryUtilization", "85", "Limits:Server:MaxMemoryUtilization: invalid value '85'. Expected: between 0.1 and 1.")]
    [InlineData("Default:StoredBytes", "-2", "Limits:Default:StoredBytes: invalid value '-2'. Expected: >= 0, or -1 for unlimited.")]
    [InlineData("Tenants:acme:TurnsPerMinute", "-7", "Limits:Tenants:acme:TurnsPerMinute: invalid value '-7'. Expected: >= 0, or -1 for unlimited.")]
    public void Start_BreaksARule_FailsWithKeyValueAndRule(string key, string value, string message)
    {
        var failure = Assert.Throws<OptionsValidationException>(() => Monitor((key, value)));

        Assert.Equal(message, Assert.Single(failure.Failures));
    }

    [Fact]
    public void Reload_UpAndDown_IsInForceAtOnce()
    {
        var limits = Monitor(("Default:ConcurrentTurns", "5"));
        var changes = 0;
        limits.OnChange(_ => changes++);

        foreach (var value in new long[] { 50, 2 })
        {
            Set("Default:ConcurrentTurns", $"{value}");
            Assert.Equal(value, limits.CurrentValue.Of("any").ConcurrentTurns);
        }

        Set("Tenants:new:ConcurrentTurns", "9");
        Assert.Equal(9, limits.CurrentValue.Of("new").ConcurrentTurns);
        Assert.Equal(3, changes);
        Assert.Empty(_log.Warnings);
    }

    [Theory]
    [InlineData("Default:ConcurrentTurns", "-9", "Limits:Default:ConcurrentTurns: invalid value '-9'")]
    [InlineData("Default:ConcurrentTurns", "many", "Limits:Default:ConcurrentTurns")]
    [InlineData("Server:MaxMemoryUtilization", "NaN", "Limits:Server:MaxMemoryUtilization: invalid value 'NaN'")]
    public void Reload_BadValue_KeepsTheLastGoodOnesAndWarns(string key, string value, string warning)
    {
        var limits = Monitor(("Default:ConcurrentTurns", "5"), ("Server:MaxMemoryUtilization", "0.5"));

        Set(key, value);

        Assert.Equal((5, 0.5), (limits.CurrentValue.Of("any").ConcurrentTurns, limits.CurrentValue.Server.MaxMemoryUtilization));
        Assert.Contains(warning, Assert.Single(_log.Warnings), StringComparison.Ordinal);
        Set("Server:MaxMemoryUtilization", "0.6");
        Set("Default:ConcurrentTurns", "7");
        Assert.Equal((7, 0.6), (limits.CurrentValue.Of("any").ConcurrentTurns, limits.CurrentValue.Server.MaxMemoryUtilization));
    }

    public void Dispose()
    {
        _services?.Dispose();
        _configuration.Dispose();
    }

    private IOptionsMonitor<LimitsOptions> Monitor(params (string Key, string Value)[] settings)
    {
        _configuration.AddInMemoryCollection(settings.ToDictionary(s => "Limits:" + s.Key, s => (string?)s.Value));
        var services = new ServiceCollection().AddLogging(logging => logging.AddProvider(_log)).AddLimits(_configuration);
        _services = services.BuildServiceProvider();
        var limits = _services.GetRequiredService<IOptionsMonitor<LimitsOptions>>();
        _ = limits.CurrentValue;
        return limits;
    }

    private void Set(string key, string value)
    {
        _configuration["Limits:" + key] = value;
        ((IConfigurationRoot)_configuration).Reload();
    }
}
