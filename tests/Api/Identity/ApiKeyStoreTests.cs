using GenAI.Chats.Api.Identity;
using GenAI.Chats.Api.Identity.ApiKeys;
using GenAI.Chats.TestKit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Api.Tests.Identity;

/// <summary>API keys in the configuration, and in time.</summary>
public sealed class ApiKeyStoreTests
{
    private static readonly string Key = ApiKey.New();
    private static readonly string Later = ApiKey.New();

    private readonly ManualTimeProvider _time = new();
    private readonly IConfigurationRoot _configuration = new ConfigurationBuilder().AddInMemoryCollection(Settings(0, "alpha", Key)).Build();

    [Fact]
    public void Reload_ConfigurationChanged_TakesItsKeys()
    {
        var store = NewStore();
        Assert.Equal((Verdict.Of("alpha"), (Verdict)Refusal.Invalid), (store.Check(Key), store.Check(Later)));

        Set(Settings(0, "beta", Later));
        store.Reload();

        Assert.Equal(((Verdict)Refusal.Invalid, Verdict.Of("beta")), (store.Check(Key), store.Check(Later)));
    }

    [Theory]
    [InlineData("Identity:ApiKeys:Keys:0:Hash", "sha256:00")]
    [InlineData("Identity:ApiKeys:Keys:0:Tenant", "a/b")]
    [InlineData("Identity:ApiKeys:Keys:0:Id", "")]
    [InlineData("Identity:ApiKeys:Keys:0:Expires", "tomorrow")]
    [InlineData("Identity:ApiKeys:Keys:0:Expiry", "2027-01-01")]
    [InlineData("Identity:ApiKeys:File", "/nowhere/keys.json")]
    [InlineData("Identity:Mode", "None")]
    public void Reload_ConfigurationBroken_KeepsTheKeys(string setting, string value)
    {
        var store = NewStore();

        Set(new() { [setting] = value });
        store.Reload();

        Assert.Equal(Verdict.Of("alpha"), store.Check(Key));
    }

    [Fact]
    public void Check_KeyWithAnEnd_ExpiresThen()
    {
        Set(new() { ["Identity:ApiKeys:Keys:0:Expires"] = _time.GetUtcNow().AddHours(1).ToString("O") });
        var store = NewStore();

        _time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(1));
        Assert.Equal(Verdict.Of("alpha"), store.Check(Key));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(Refusal.Expired, store.Check(Key));
    }

    private ApiKeyStore NewStore() =>
        new(Options.Create(IdentityHostingExtensions.Read(_configuration)), _configuration, _time, NullLogger<ApiKeyStore>.Instance);

    private void Set(Dictionary<string, string?> settings)
    {
        foreach (var (key, value) in settings)
        {
            _configuration[key] = value;
        }

        _configuration.Reload();
    }

    private static Dictionary<string, string?> Settings(int index, string tenant, string key) => new()
    {
        ["Identity:Mode"] = "ApiKeys",
        [$"Identity:ApiKeys:Keys:{index}:Id"] = "key",
        [$"Identity:ApiKeys:Keys:{index}:Tenant"] = tenant,
        [$"Identity:ApiKeys:Keys:{index}:Hash"] = SecretHash.Of(key).ToString(),
    };
}
