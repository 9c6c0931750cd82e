using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Api.Web.Rest;
using GenAI.Chats.TestKit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Api.Tests.Web;

/// <summary>The routes, the HTTP rules for gateways, the OpenAPI document, and the contract agree.</summary>
public sealed partial class RestRouteTests(TestServer server) : ApiTest(server), IClassFixture<TestServer>
{
    private static readonly string Rules = File.ReadAllText(Path.Combine(Root(), "protos/genai/chats/v1/chats_http.yaml"));

    private static IEnumerable<string> Methods => V1.Chats.Descriptor.Methods.Select(method => method.Name).Order();

    [Fact]
    public void Routes_EachMethodHasOne() => Assert.Equal(Methods, RestRoutes.All.Select(route => route.Rpc.Name).Order());

    [Fact]
    public void Rules_AreTheRoutes()
    {
        var rules = Rule.Matches(Rules).Select(rule =>
            (rule.Groups["rpc"].Value, rule.Groups["method"].Value.ToUpperInvariant(), rule.Groups["path"].Value, rule.Groups["body"].Value.Trim('"')));

        Assert.Equal(
            RestRoutes.All.Select(route => (route.Rpc.FullName, route.HttpMethod, route.Path.Template, route.Body)).Order(), rules.Order());
    }

    [Fact]
    public void Routes_AreThoseOfTheServer()
    {
        var mapped = Server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.DisplayName?.StartsWith("REST ", StringComparison.Ordinal) == true)
            .Select(endpoint => (endpoint.DisplayName!, endpoint.RoutePattern.RawText!, endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Single()));

        Assert.Equal(RestRoutes.All.Select(route => ($"REST {route.Rpc.Name}", route.Path.Pattern, route.HttpMethod)).Order(), mapped.Order());
    }

    [Fact]
    public async Task OpenApi_DescribesEachRouteOfTheServer()
    {
        var document = await DocumentAsync();

        Assert.Equal("3.1.0", (string?)document["openapi"]);
        var operations = Operations(document).ToList();
        var mapped = Server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => Documented.IsMatch(endpoint.RoutePattern.RawText!) && endpoint.Metadata.GetMetadata<HttpMethodMetadata>() is not null)
            .Select(endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Single(), endpoint.RoutePattern.RawText!));
        Assert.Equal(mapped.Order(), operations.Select(o => (o.Method, o.Path)).Order());
        Assert.All(operations, operation => Assert.NotNull(operation.Json["description"]));
        Assert.All(operations, operation => Assert.Equal(PathParameter.Matches(operation.Path).Select(match => match.Groups[1].Value), Parameters(operation.Json, "path")));
        foreach (var route in RestRoutes.All)
        {
            var operation = operations.Single(o => (string?)o.Json["operationId"] == route.Rpc.Name);
            Assert.Equal((route.HttpMethod, route.Path.Pattern), (operation.Method, operation.Path));
            Assert.Equal(route.Parameters.Select(field => field.JsonName), Parameters(operation.Json, "query"));
        }
    }

    [Fact]
    public async Task OpenApi_UiStream_HasTheMembersAndParametersThatTheServerReads()
    {
        using var web = new WebApi(Server);
        var document = await DocumentAsync();

        // The error lists the members.
        using var body = new StringContent("""{"unknown": 1}""", System.Text.Encoding.UTF8, "application/json");
        using var response = await web.Http.PostAsync("/api/ui/chat", body);
        var error = await response.Content.ReadAsStringAsync();
        var members = document["components"]!["schemas"]!["UiRequest"]!["properties"]!.AsObject().Select(member => member.Key);
        Assert.EndsWith($": {string.Join(", ", members)}.", error, StringComparison.Ordinal);

        var parameters = Operations(document).Where(o => o.Path.StartsWith("/api/ui/", StringComparison.Ordinal))
            .SelectMany(o => Parameters(o.Json, "query").Select(name => (o.Path, Name: name))).ToList();
        Assert.NotEmpty(parameters);
        foreach (var (path, name) in parameters)
        {
            Assert.Equal(name, (await web.GetAsync($"{path.Replace("{chat}", "a", StringComparison.Ordinal)}?{name}=x")).Field);
        }
    }

    [Fact]
    public async Task OpenApi_SchemasAreComplete()
    {
        var document = await DocumentAsync();
        var schemas = document["components"]!["schemas"]!.AsObject();

        var referenced = Reference.Matches(document.ToJsonString()).Select(match => match.Groups[1].Value).Distinct();
        Assert.Empty(referenced.Except(schemas.Select(schema => schema.Key)));
        Assert.Equal("""{"type":"string","format":"int64","description":"Output only. The number of turns in the history."}""", schemas["Chat"]!["properties"]!["turnCount"]!.ToJsonString());
        Assert.False((bool)schemas["Chat"]!["additionalProperties"]!);
        Assert.Null(schemas["Part"]!["additionalProperties"]);
        Assert.Null(schemas["Part"]!["properties"]!["extra"]);
        var undescribed =
            from schema in schemas
            where schema.Value!["properties"] is not null && schema.Key != "Error"
            from property in schema.Value!["properties"]!.AsObject()
            where property.Value!["description"] is null && property.Value["$ref"] is null
            select $"{schema.Key}.{property.Key}";
        Assert.Empty(undescribed);
    }

    private async Task<JsonNode> DocumentAsync()
    {
        using var web = new WebApi(Server);
        return (await web.GetAsync("/openapi/v1.json")).Expect(System.Net.HttpStatusCode.OK);
    }

    private static IEnumerable<(string Method, string Path, JsonNode Json)> Operations(JsonNode document) =>
        document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => (operation.Key.ToUpperInvariant(), path.Key, operation.Value!)));

    private static IEnumerable<string> Parameters(JsonNode operation, string place) =>
        operation["parameters"]!.AsArray().Where(p => (string?)p!["in"] == place).Select(p => (string)p!["name"]!);

    private static string Root() =>
        typeof(ManualTimeProvider).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(static metadata => metadata.Key == "RepositoryRoot").Value!;

    [GeneratedRegex(@"- selector: (?<rpc>[\w.]+)\n    (?<method>get|post|patch|delete): (?<path>\S+)\n(    body: (?<body>\S+)\n)?")]
    private static partial Regex Rule { get; }

    // Not the console, the dashboard, the checks of health, and the document itself.
    [GeneratedRegex("^/(v1|api)/")]
    private static partial Regex Documented { get; }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex PathParameter { get; }

    [GeneratedRegex("#/components/schemas/([\\w.]+)")]
    private static partial Regex Reference { get; }
}
