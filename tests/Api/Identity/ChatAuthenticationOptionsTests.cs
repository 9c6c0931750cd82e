using GenAI.Chats.Api.Configuration;
using GenAI.Chats.Api.Hosting;
using GenAI.Chats.Api.Identity.ApiKeys;
using GenAI.Chats.Api.Identity.Callers;
using GenAI.Chats.Silo.Hosting;

namespace GenAI.Chats.Api.Tests.Identity;

/// <summary>A server with invalid settings for authentication doesn't start, and names the settings.</summary>
public sealed class ChatAuthenticationOptionsTests : IDisposable
{
    private static readonly string Key = ApiKey.New();

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("identity");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("Authentication:Schemes", "--Authentication:Schemes=Keys")]
    [InlineData("Authentication:Schemes", "--Authentication:Schemes=8")]
    [InlineData("ApiKey", "--Authentication:ApiKey:File=keys.json")]
    [InlineData("includes ApiKeys, because Authentication:ApiKeys is set", "--Authentication:ApiKeys:File=keys.json")]
    [InlineData("includes Jwt, because Authentication:Jwt is set", "--Authentication:Schemes=ApiKeys", "--Authentication:Jwt:Issuer=https://a.test")]
    [InlineData("Authentication:ApiKeys:File: invalid value '/nowhere/keys.json'", "--Authentication:Schemes=ApiKeys", "--Authentication:ApiKeys:File=/nowhere/keys.json")]
    [InlineData("Authentication:ApiKeys:Keys:0:Tenant: invalid value 'a/b'", "--Authentication:Schemes=ApiKeys", "--Authentication:ApiKeys:Keys:0:Id=a", "--Authentication:ApiKeys:Keys:0:Tenant=a/b")]
    [InlineData("Authentication:Jwt:Issuer: missing value", "--Authentication:Schemes=Jwt", "--Authentication:Jwt:Audience=a")]
    [InlineData("Authentication:Jwt:Audience: missing value", "--Authentication:Schemes=Jwt", "--Authentication:Jwt:Issuer=https://a.test")]
    [InlineData("Authentication:Jwt:Issuer: invalid value 'a'", "--Authentication:Schemes=Jwt", "--Authentication:Jwt:Issuer=a", "--Authentication:Jwt:Audience=a")]
    [InlineData("Authentication:Jwt:Issuer: invalid value 'http://a.test'", "--Authentication:Schemes=Jwt", "--Authentication:Jwt:Issuer=http://a.test", "--Authentication:Jwt:Audience=a")]
    [InlineData("Authentication:Jwt:JwksUri: invalid value 'http://a.test/'", "--Authentication:Schemes=Jwt", "--Authentication:Jwt:Issuer=a", "--Authentication:Jwt:Audience=a", "--Authentication:Jwt:JwksUri=http://a.test/")]
    [InlineData("Authentication:Jwt:JwksFile: invalid value '/nowhere'", "--Authentication:Schemes=Jwt", "--Authentication:Jwt:Issuer=a", "--Authentication:Jwt:Audience=a", "--Authentication:Jwt:JwksFile=/nowhere")]
    [InlineData("Authentication:Jwt:ClockSkew: invalid value '01:00:00'", "--Authentication:Schemes=Jwt", "--Authentication:Jwt:Issuer=https://a.test", "--Authentication:Jwt:Audience=a", "--Authentication:Jwt:ClockSkew=01:00:00")]
    [InlineData("Authentication:Jwt:OperatorClaim: missing value", "--Authentication:Schemes=Jwt", "--Authentication:Jwt:Issuer=https://a.test", "--Authentication:Jwt:Audience=a", "--Authentication:Jwt:OperatorClaim=", "--Authentication:Jwt:OperatorValue=a")]
    [InlineData("Authentication:Jwt:OperatorValue: missing value", "--Authentication:Schemes=Jwt", "--Authentication:Jwt:Issuer=https://a.test", "--Authentication:Jwt:Audience=a", "--Authentication:Jwt:OperatorClaim=roles")]
    [InlineData("Authentication:Jwt:OperatorValue: invalid value 'a'", "--Authentication:Schemes=Jwt", "--Authentication:Jwt:Issuer=https://a.test", "--Authentication:Jwt:Audience=a", "--Authentication:Jwt:OperatorValue=a")]
    [InlineData("includes Jwt, because Authentication:Jwt is set", "--Authentication:Schemes=ApiKeys", "--Authentication:Jwt:OperatorClaim=roles")]
    [InlineData("Api:Tls:ClientCa: missing value", "--Authentication:Schemes=ClientCertificates")]
    [InlineData("Pattern: invalid value '(a'", "--Authentication:Schemes=ClientCertificates", "--Authentication:ClientCertificates:Pattern=(a")]
    [InlineData("Pattern: invalid value '.*'", "--Authentication:Schemes=ClientCertificates", "--Authentication:ClientCertificates:Pattern=.*")]
    [InlineData("Api:Tls:Certificate: invalid value '/nowhere'", "--Api:Tls:Certificate=/nowhere")]
    [InlineData("Api:Tls:Certificate: missing value", "--Api:Tls:Key=/nowhere")]
    [InlineData("Api:Tls:Certificate: invalid value 'a.pem'", "--Api:Tls:Certificate=a.pem", "--Kestrel:Endpoints:A:Url=http://127.0.0.1:0")]
    public void Build_InvalidSetting_NamesIt(string message, params string[] settings) =>
        Assert.Contains(message, Fault(settings), StringComparison.Ordinal);

    [Theory]
    [InlineData("keys[0]:Hash: invalid value (hidden)", """{ "keys": [ { "id": "a", "tenant": "a", "hash": "KEY" } ] }""")]
    [InlineData("keys[0]:Id: invalid value (hidden)", """{ "keys": [ { "id": "KEY", "tenant": "a", "hash": "HASH" } ] }""")]
    [InlineData("keys[0]:Tenant: invalid value 'a b'", """{ "keys": [ { "id": "a", "tenant": "a b", "hash": "HASH" } ] }""")]
    [InlineData("keys[0]:Tenant: missing value", """{ "keys": [ { "id": "a", "hash": "HASH" } ] }""")]
    [InlineData("keys[0]:Tenant: invalid value 'a'. Expected: no tenant, because the key is an operator's.", """{ "keys": [ { "id": "a", "operator": true, "tenant": "a", "hash": "HASH" } ] }""")]
    [InlineData("keys[1]:Id: invalid value 'a'. Expected: an ID that no other key uses", """{ "keys": [ { "id": "a", "tenant": "a", "hash": "HASH" }, { "id": "a", "tenant": "b", "hash": "HASH" } ] }""")]
    [InlineData("keys[1]:Hash: invalid value (hidden). Expected: a hash that no other key uses", """{ "keys": [ { "id": "a", "tenant": "a", "hash": "HASH" }, { "id": "b", "tenant": "b", "hash": "HASH" } ] }""")]
    [InlineData("See $.keys[0]", """{ "keys": [ { "id": "a", "tenant": "a", "hash": "HASH", "expiry": "2027-01-01" } ] }""")]
    [InlineData("See $.keys[0].hash", """{ "keys": [ { "id": "a", "tenant": "a", "hash": null } ] }""")]
    [InlineData("See $ at line", "[]")]
    [InlineData("See $ at line", "{}")]
    [InlineData("Expected: a readable JSON file", "null")]
    [InlineData("See $ at line", "KEY")]
    public void Build_InvalidKeyFile_NamesThePlaceButNoKey(string message, string json)
    {
        var file = Path.Combine(_directory.FullName, "keys.json");
        File.WriteAllText(file, json.Replace("KEY", Key, StringComparison.Ordinal).Replace("HASH", SecretHash.Of(Key), StringComparison.Ordinal));

        var fault = Fault("--Authentication:Schemes=ApiKeys", $"--Authentication:ApiKeys:File={file}");

        Assert.Contains(message, fault, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, fault, StringComparison.Ordinal);
    }

    private static string Fault(params string[] settings)
    {
        var failure = Assert.ThrowsAny<Exception>(() => ApiServer.Build([.. settings, "--Storage:Provider=InMemory", "--Api:GrpcPort=0", "--Api:HttpPort=0"]));
        return StartFailure.Explain(failure, ApiOptions.SectionName) ?? throw failure;
    }
}
