using System.Reflection;
using System.Text.RegularExpressions;
using GenAI.Chats.Api.Configuration;
using GenAI.Chats.Api.Hosting;
using GenAI.Chats.Silo.Hosting;
using GenAI.Chats.TestKit;
using Microsoft.Extensions.Configuration;

namespace GenAI.Chats.Api.Tests.Hosting;

/// <summary>The server accepts all documented settings, and no others.</summary>
public sealed partial class SettingsTests
{
    private static readonly string Root =
        typeof(ManualTimeProvider).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(static metadata => metadata.Key == "RepositoryRoot").Value!;

    [Theory]
    [InlineData("Api:GrpcPrt", "Api:GrpcPort")]
    [InlineData("Api:Tls:Certificat", "Api:Tls:Certificate")]
    [InlineData("Authentication:ApiKeys:Fil", "Authentication:ApiKeys:File")]
    [InlineData("Authentication:Jwt:Isuer", "Authentication:Jwt:Issuer")]
    [InlineData("Silo:HtpPort", "Silo:HttpPort")]
    [InlineData("Storage:Pth", "Storage:Path")]
    public void Build_MistypedSetting_NamesItAndTheNearest(string key, string nearest)
    {
        var failure = Assert.ThrowsAny<Exception>(() => ApiServer.Build([$"--{key}=1"]));

        Assert.Equal($"{key}: unknown setting (argument). Did you mean {nearest}?", StartFailure.Explain(failure, ApiOptions.SectionName));
    }

    [Theory]
    [InlineData("Api:MaxStreamsPerConnection", "0", "between 1 and 100000")]
    [InlineData("Api:MaxStreamsPerConnection", "100001", "between 1 and 100000")]
    [InlineData("Api:MaxConnections", "0", "a number greater than 0")]
    [InlineData("Api:StallTimeout", "00:00:00.5", "between 00:00:01 and 1.00:00:00")]
    [InlineData("Api:KeepAlivePingDelay", "00:00:00.5", "0, or between 00:00:01 and 1.00:00:00")]
    [InlineData("Api:KeepAlivePingTimeout", "1.00:00:01", "between 00:00:01 and 1.00:00:00")]
    public void Build_OutOfRange_NamesTheRule(string key, string value, string rule)
    {
        var failure = Assert.ThrowsAny<Exception>(() => ApiServer.Build([$"--{key}={value}"]));

        Assert.Equal($"{key}: invalid value '{value}'. Expected: {rule}.", StartFailure.Explain(failure, ApiOptions.SectionName)?.Replace("00.5000000", "00.5", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Api:MaxStreamsPerConnection", "1")]
    [InlineData("Api:MaxStreamsPerConnection", "100000")]
    [InlineData("Api:KeepAlivePingDelay", "00:00:00")]
    [InlineData("Api:StallTimeout", "1.00:00:00")]
    public async Task Build_EndsOfARange_AreValid(string key, string value)
    {
        await using var server = ApiServer.Build([$"--{key}={value}", "--Storage:Provider=InMemory"]);
    }

    [Fact]
    public void CheckSettings_AllOfTheReadmeAndDeployments_AreKnown()
    {
        var files = Directory.EnumerateFiles(Path.Combine(Root, "deploy"), "*", SearchOption.AllDirectories)
            .Concat(((string[])["README.md", "docker-compose.yml", "Dockerfile"]).Select(static file => Path.Combine(Root, file)));
        var keys = files.SelectMany(file => Setting.Matches(File.ReadAllText(file))).Select(static match => match.Value.Replace("__", ":", StringComparison.Ordinal)).ToHashSet();

        Assert.True(keys.Count > 20, "The files name few settings.");
        ApiServer.CheckSettings(new ConfigurationBuilder().AddInMemoryCollection(keys.Select(static key => KeyValuePair.Create(key, (string?)"1"))).Build());
    }

    [GeneratedRegex("\\b(Api|Authentication|Chats|Limits|Models|Orleans|Silo|Storage|Telemetry)((:|__)[A-Za-z0-9]+)+")]
    private static partial Regex Setting { get; }
}
