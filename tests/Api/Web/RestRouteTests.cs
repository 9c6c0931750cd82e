using System.Reflection;
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
    public async Task OpenApi_DescribesEachRoute()
    {
        using var web = new WebApi(Server);

        var document = (await web.GetAsync("/openapi/v1.json")).Expect(System.Net.HttpStatusCode.OK);

        Assert.Equal("3.1.0", (string?)document["openapi"]);
        var operations = document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => (
            Route: (operation.Value!["operationId"]!.GetValue<string>(), operation.Key.ToUpperInvariant(), path.Key), Json: operation.Value!))).ToList();
        Assert.Equal(RestRoutes.All.Select(route => (route.Rpc.Name, route.HttpMethod, route.Path.Pattern)).Order(), operations.Select(o => o.Route).Order());
        Assert.All(operations, operation => Assert.NotNull(operation.Json["description"]));
        foreach (var route in RestRoutes.All)
        {
            var parameters = operations.Single(o => o.Route.Item1 == route.Rpc.Name).Json["parameters"]!.AsArray().ToLookup(p => (string)p!["in"]!, p => (string)p!["name"]!);
            Assert.Equal(route.Parameters.Select(field => field.JsonName), parameters["query"]);
            Assert.Equal(PathParameter.Matches(route.Path.Pattern).Select(match => match.Groups[1].Value), parameters["path"]);
        }
    }

    [Fact]
    public async Task OpenApi_SchemasAreComplete()
    {
        using var web = new WebApi(Server);
        var document = (await web.GetAsync("/openapi/v1.json")).Expect(System.Net.HttpStatusCode.OK);
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

    private static string Root() =>
        typeof(ManualTimeProvider).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(static metadata => metadata.Key == "RepositoryRoot").Value!;

    [GeneratedRegex(@"- selector: (?<rpc>[\w.]+)\n    (?<method>get|post|patch|delete): (?<path>\S+)\n(    body: (?<body>\S+)\n)?")]
    private static partial Regex Rule { get; }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex PathParameter { get; }

    [GeneratedRegex("#/components/schemas/([\\w.]+)")]
    private static partial Regex Reference { get; }
}
