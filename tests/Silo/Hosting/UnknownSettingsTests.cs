using GenAI.Chats.Silo.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Silo.Tests.Hosting;

/// <summary>A setting that doesn't exist ends the start.</summary>
public sealed class UnknownSettingsTests
{
    // An environment variable per test, because tests share the process.
    private const string Prefix = "CHATS_UNKNOWN_SETTINGS_";

    [Theory]
    [InlineData("Limits:Defalt:Chats", "Limits:Defalt", "Limits:Default")]
    [InlineData("Limits:Server:ConcurrentTurn", "Limits:Server:ConcurrentTurn", "Limits:Server:ConcurrentTurns")]
    [InlineData("Limits:Tenants:acme:TokensPerDai", "Limits:Tenants:acme:TokensPerDai", "Limits:Tenants:acme:TokensPerDay")]
    [InlineData("Chats:MaxTurnz", "Chats:MaxTurnz", "Chats:MaxTurns")]
    [InlineData("Models:Routs:0:Name", "Models:Routs", "Models:Routes")]
    [InlineData("Models:Routes:0:Kee", "Models:Routes:0:Kee", "Models:Routes:0:Key")]
    [InlineData("Models:Routes:0:Targets:1:Modle", "Models:Routes:0:Targets:1:Modle", "Models:Routes:0:Targets:1:Model")]
    [InlineData("Models:Routes:0:Retry:MaxAttempt", "Models:Routes:0:Retry:MaxAttempt", "Models:Routes:0:Retry:MaxAttempts")]
    [InlineData("Orleans:Clustering:ConnectionSting", "Orleans:Clustering:ConnectionSting", "Orleans:Clustering:ConnectionString")]
    [InlineData("Orleans:SiloPrt", "Orleans:SiloPrt", "Orleans:SiloPort")]
    [InlineData("Orleans:Endpoint:SiloPort", "Orleans:Endpoint", "Orleans:Endpoints")]
    [InlineData("Silo:HtpPort", "Silo:HtpPort", "Silo:HttpPort")]
    [InlineData("Storage:Pth", "Storage:Pth", "Storage:Path")]
    [InlineData("storage:pth", "Storage:pth", "Storage:Path")]
    [InlineData("Storages:Path", "Storages:Path", "Storage:Path")]
    [InlineData("Strage:Pth", "Strage:Pth", "Storage:Path")]
    [InlineData("Models:Routes:0:ApiKey", "Models:Routes:0:ApiKey", "Models:Routes:0:Key")]
    [InlineData("Storage:Path:Name", "Storage:Path:Name", null)]
    [InlineData("Storage:Colour", "Storage:Colour", null)]
    [InlineData("Telemetry:CaptureContents", "Telemetry:CaptureContents", "Telemetry:CaptureContent")]
    [InlineData("Telemetry:OrleanSpans", "Telemetry:OrleanSpans", "Telemetry:OrleansSpans")]
    [InlineData("Telemetry:TenantAttributes", "Telemetry:TenantAttributes", "Telemetry:TenantAttribute")]
    public void Check_MistypedSetting_NamesItAndTheNearest(string key, string shown, string? nearest)
    {
        var suggestion = nearest is null ? "" : $" Did you mean {nearest}?";

        Assert.Equal([$"{shown}: unknown setting (argument).{suggestion}"], Check(new ConfigurationBuilder().AddCommandLine([$"--{key}=1"])));
        Assert.Equal([$"{shown}: unknown setting (environment variable).{suggestion}"], CheckVariable(key));
        Assert.Equal([$"{shown}: unknown setting.{suggestion}"], Check(new ConfigurationBuilder().AddInMemoryCollection([new(key, "1")])));
    }

    [Theory]
    [InlineData("Identity:Mode", "Authentication:Schemes")]
    [InlineData("Identity:ApiKeys:File", "Authentication:ApiKeys:File")]
    [InlineData("Identity:Jwt:KeysUrl", "Authentication:Jwt:JwksUri")]
    [InlineData("Identity:Jwt:Issuer", "Authentication:Jwt:Issuer")]
    [InlineData("Admission:Default:TurnsPerMinute", "Limits:Default:TurnsPerMinute")]
    [InlineData("Admission:Server:WaitingChats", "Limits:Server:MaxQueuedChats")]
    [InlineData("admission:Tenants:acme:Chats", "Limits:Tenants:acme:Chats")]
    [InlineData("Admission:Default:TurnsPerMinut", "Limits:Default:TurnsPerMinute")]
    public void Check_SettingOfAnEarlierVersion_NamesTheNewOne(string key, string now)
    {
        var found = Assert.Single(Check(new ConfigurationBuilder().AddCommandLine([$"--{key}=1"])));

        Assert.Equal($"{key}: unknown setting (argument). Did you mean {now}?", found, ignoreCase: true);
        Assert.Equal($"{key}: unknown setting (environment variable). Did you mean {now}?", Assert.Single(CheckVariable(key)), ignoreCase: true);
    }

    [Fact]
    public void Check_SeveralUnknownSettings_NamesEachOnce()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, """{ "Models": { "Routs": [ { "Name": "a" }, { "Name": "b" } ] }, "Storage": { "Pth": "a", "Path": "b" } }""");

        var failures = Check(new ConfigurationBuilder().AddJsonFile(file));

        Assert.Equal(
            [
                $"Models:Routs: unknown setting ({Path.GetFileName(file)}). Did you mean Models:Routes?",
                $"Storage:Pth: unknown setting ({Path.GetFileName(file)}). Did you mean Storage:Path?",
            ],
            failures);
        File.Delete(file);
    }

    [Theory]
    [InlineData("Limits:Tenants:a b:Chats")]
    [InlineData("Models:Echo")]
    [InlineData("Models:Routes:0:Targets:12:Key")]
    [InlineData("Models:Routes:gemini:Limits:MaxConcurrentCalls")]
    [InlineData("Orleans:Endpoints:AdvertisedIPAddress")]
    [InlineData("Orleans:GrainStorage:Default:ProviderType")]
    [InlineData("Orleans:Name")]
    [InlineData("STORAGE:PATH")]
    [InlineData("Telemetry:PropagateTraceContext")]
    [InlineData("Telemetry:Sources:0")]
    [InlineData("Telemetry:TenantAttribute")]
    public void Check_KnownSetting_Passes(string key)
    {
        Assert.Empty(Check(new ConfigurationBuilder().AddCommandLine([$"--{key}=1"])));
        Assert.Empty(CheckVariable(key));
    }

    [Theory]
    [InlineData("ASPNETCORE_URLS")]
    [InlineData("AllowedHosts")]
    [InlineData("Chats")]
    [InlineData("CHATS_SERVICE_HOST")]
    [InlineData("Identity")]
    [InlineData("IDENTITY_ENDPOINT")]
    [InlineData("Kestrel:Endpoints:A:Url")]
    [InlineData("Logging:LogLevel:Orleans")]
    [InlineData("MODELS")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT")]
    [InlineData("OpenTelemetry:Anything")]
    [InlineData("SILO_PORT_8080_TCP")]
    [InlineData("WebRoot")]
    public void Check_SettingOfOthers_Passes(string key)
    {
        Assert.Empty(Check(new ConfigurationBuilder().AddCommandLine([$"--{key}=1"])));
        Assert.Empty(CheckVariable(key));
    }

    [Theory]
    [InlineData("Other:Key")]
    [InlineData("Key")]
    public void Check_SectionOfNone_IsAnErrorOnTheCommandLine(string key)
    {
        Assert.StartsWith($"{key}: unknown setting (argument).", Assert.Single(Check(new ConfigurationBuilder().AddCommandLine([$"--{key}=1"]))), StringComparison.Ordinal);
        Assert.Empty(CheckVariable(key));
    }

    [Fact]
    public void Build_UnknownSetting_IsOneLine()
    {
        var failure = Assert.ThrowsAny<Exception>(() => SiloServer.Build(["--Storage:Pth=data/chats.db"]));

        Assert.Equal(
            "Storage:Pth: unknown setting (argument). Did you mean Storage:Path?", StartFailure.Explain(failure, SiloServerOptions.SectionName));
    }

    private static IEnumerable<string> CheckVariable(string key)
    {
        var variable = $"{Prefix}{key.Replace(":", "__", StringComparison.Ordinal)}";
        Environment.SetEnvironmentVariable(variable, "1");
        try
        {
            return Check(new ConfigurationBuilder().AddEnvironmentVariables(Prefix));
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    private static IEnumerable<string> Check(IConfigurationBuilder configuration)
    {
        try
        {
            UnknownSettings.Check(configuration.Build());
            return [];
        }
        catch (OptionsValidationException invalid)
        {
            return invalid.Failures;
        }
    }
}
