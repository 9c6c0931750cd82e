using GenAI.Chats.Api.Identity.ApiKeys;
using GenAI.Chats.Api.Identity.Callers;
using GenAI.Chats.Api.Tests.Identity.Support;
using GenAI.Chats.TestKit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace GenAI.Chats.Api.Tests.Identity;

/// <summary>API keys in the configuration, and in time.</summary>
public sealed class ApiKeyStoreTests
{
    private static readonly string Key = ApiKey.New();
    private static readonly string Later = ApiKey.New();

    private readonly ManualTimeProvider _time = new();
    private readonly IConfigurationRoot _configuration = new ConfigurationBuilder().AddInMemoryCollection(Settings(0, "alpha", Key)).Build();

    [Fact]
    public void Reload_ConfigurationChanged_UsesItsKeys()
    {
        var store = NewStore();
        Assert.Equal(("alpha", CredentialException.Invalid), (Outcome.Of(store.Check(Key)), Outcome.Of(store.Check(Later))));

        Set(Settings(0, "beta", Later));
        store.Reload();

        Assert.Equal((CredentialException.Invalid, "beta"), (Outcome.Of(store.Check(Key)), Outcome.Of(store.Check(Later))));
    }

    [Theory]
    [InlineData("Authentication:ApiKeys:Keys:0:Hash", "sha256:00")]
    [InlineData("Authentication:ApiKeys:Keys:0:Tenant", "a/b")]
    [InlineData("Authentication:ApiKeys:Keys:0:Id", "")]
    [InlineData("Authentication:ApiKeys:Keys:0:Expires", "tomorrow")]
    [InlineData("Authentication:ApiKeys:Keys:0:Expiry", "2027-01-01")]
    [InlineData("Authentication:ApiKeys:File", "/nowhere/keys.json")]
    public void Reload_ConfigurationBroken_KeepsTheKeys(string setting, string value)
    {
        var store = NewStore();

        Set(new() { [setting] = value });
        store.Reload();

        Assert.Equal("alpha", Outcome.Of(store.Check(Key)));
    }

    [Fact]
    public void Check_KeyWithAnEnd_ExpiresThen()
    {
        Set(new() { ["Authentication:ApiKeys:Keys:0:Expires"] = _time.GetUtcNow().AddHours(1).ToString("O") });
        var store = NewStore();

        _time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(1));
        Assert.Equal("alpha", Outcome.Of(store.Check(Key)));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(CredentialException.Expired, Outcome.Of(store.Check(Key)));
    }

    private ApiKeyStore NewStore() =>
        new(
        _configuration.GetSection(ApiKeysOptions.SectionName).Get<ApiKeysOptions>()!, _configuration, _time, NullLogger<ApiKeyStore>.Instance);

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
        [$"Authentication:ApiKeys:Keys:{index}:Id"] = "key",
        [$"Authentication:ApiKeys:Keys:{index}:Tenant"] = tenant,
        [$"Authentication:ApiKeys:Keys:{index}:Hash"] = SecretHash.Of(key),
    };
}
