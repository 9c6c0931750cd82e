using GenAI.Chats.Engine.Admission;
using GenAI.Chats.TestKit.Chats;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Engine.Tests.Admission;

public sealed class AdmissionLimitsTests : IDisposable
{
    private readonly ConfigurationManager _configuration = new();
    private readonly WarningLog _log = new();
    private ServiceProvider? _services;

    [Fact]
    public void Of_NothingConfigured_OnlyChatsAreLimited()
    {
        var limits = Limits();

        Assert.Equal(new TenantLimits(null, null, null, 10_000_000, null), limits.Of("default"));
        Assert.False(limits.Of("default").AreShared);
        Assert.Equal((null, 1000, 0.85), (limits.Server.ConcurrentTurns, limits.Server.WaitingChats, limits.Server.MemoryShare));
    }

    [Fact]
    public void Of_TenantWithItsOwn_OverridesOneByOne()
    {
        var limits = Limits(
            ("Default:TurnsPerMinute", "60"), ("Default:ConcurrentTurns", "5"), ("Tenants:Acme:TurnsPerMinute", "600"), ("Tenants:free:ConcurrentTurns", "-1"),
            ("Tenants:shut:ConcurrentTurns", "0"), ("Tenants:Acme:TokensPerDay", "123456789012"));

        Assert.Equal(new TenantLimits(5, 600, 123_456_789_012, 10_000_000, null), limits.Of("acme"));
        Assert.Equal(new TenantLimits(null, 60, null, 10_000_000, null), limits.Of("free"));
        Assert.Equal(0, limits.Of("shut").ConcurrentTurns);
        Assert.Equal(new TenantLimits(5, 60, null, 10_000_000, null), limits.Of("other"));
    }

    [Theory]
    [InlineData("Server:ConcurrentTurns", "0", "Admission:Server:ConcurrentTurns: invalid value '0'. Expected: between 1 and 1000000.")]
    [InlineData("Server:WaitingChats", "-1", "Admission:Server:WaitingChats: invalid value '-1'. Expected: between 0 and 1000000.")]
    [InlineData("Server:MemoryShare", "85", "Admission:Server:MemoryShare: invalid value '85'. Expected: between 0.1 and 1.")]
    [InlineData("Default:StoredBytes", "-2", "Admission:Default:StoredBytes: invalid value '-2'. Expected: >= 0, or -1 for unlimited.")]
    [InlineData("Tenants:acme:TurnsPerMinute", "-7", "Admission:Tenants:acme:TurnsPerMinute: invalid value '-7'. Expected: >= 0, or -1 for unlimited.")]
    public void Start_BreaksARule_FailsWithKeyValueAndRule(string key, string value, string message)
    {
        var failure = Assert.Throws<OptionsValidationException>(() => Limits((key, value)));

        Assert.Equal(message, Assert.Single(failure.Failures));
    }

    [Fact]
    public void Reload_UpAndDown_IsInForceAtOnce()
    {
        var limits = Limits(("Default:ConcurrentTurns", "5"));
        var changes = 0;
        limits.Changed += () => changes++;

        foreach (var value in new long[] { 50, 2 })
        {
            Set("Default:ConcurrentTurns", $"{value}");
            Assert.Equal(value, limits.Of("any").ConcurrentTurns);
        }

        Set("Tenants:new:ConcurrentTurns", "9");
        Assert.Equal(9, limits.Of("new").ConcurrentTurns);
        Assert.Equal(3, changes);
        Assert.Empty(_log.Warnings);
    }

    [Theory]
    [InlineData("Default:ConcurrentTurns", "-9", "Admission:Default:ConcurrentTurns is -9")]
    [InlineData("Default:ConcurrentTurns", "many", "Admission:Default:ConcurrentTurns")]
    [InlineData("Server:MemoryShare", "NaN", "Admission:Server:MemoryShare is NaN")]
    public void Reload_BadValue_KeepsTheLastGoodOnesAndWarns(string key, string value, string warning)
    {
        var limits = Limits(("Default:ConcurrentTurns", "5"), ("Server:MemoryShare", "0.5"));

        Set(key, value);

        Assert.Equal((5, 0.5), (limits.Of("any").ConcurrentTurns, limits.Server.MemoryShare));
        Assert.Contains(warning, Assert.Single(_log.Warnings), StringComparison.Ordinal);
        Set("Server:MemoryShare", "0.6");
        Set("Default:ConcurrentTurns", "7");
        Assert.Equal((7, 0.6), (limits.Of("any").ConcurrentTurns, limits.Server.MemoryShare));
    }

    public void Dispose()
    {
        _services?.Dispose();
        _configuration.Dispose();
    }

    private AdmissionLimits Limits(params (string Key, string Value)[] settings)
    {
        _configuration.AddInMemoryCollection(settings.ToDictionary(s => "Admission:" + s.Key, s => (string?)s.Value));
        var services = new ServiceCollection().AddLogging(logging => logging.AddProvider(_log)).AddTurnAdmission(_configuration);
        _services = services.BuildServiceProvider();
        return _services.GetRequiredService<AdmissionLimits>();
    }

    private void Set(string key, string value)
    {
        _configuration["Admission:" + key] = value;
        ((IConfigurationRoot)_configuration).Reload();
    }
}
