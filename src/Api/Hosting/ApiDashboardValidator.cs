using GenAI.Chats.Api.Configuration;
using GenAI.Chats.Api.Identity;
using GenAI.Chats.Silo.Clustering;
using GenAI.Chats.Silo.Dashboard;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Api.Hosting;

/// <summary>Checks that the dashboard is only reachable from this machine, if callers must authenticate.</summary>
internal sealed class ApiDashboardValidator(IConfiguration configuration, IOptions<ChatAuthenticationOptions> identity, ChatSiloOptions? silo = null)
    : IValidateOptions<ApiOptions>
{
    private const string Kestrel = "Kestrel:Endpoints";

    public ValidateOptionsResult Validate(string? name, ApiOptions options)
    {
        var isAuthenticated = identity.Value.Schemes != ChatAuthenticationSchemes.None;
        var endpoints = configuration.GetSection(Kestrel).GetChildren().Select(static endpoint => endpoint["Url"]).OfType<string>().ToList();
        return endpoints.Count == 0
            ? DashboardRule.Check(silo, isAuthenticated, $"{ApiOptions.SectionName}:{nameof(options.Address)}", [options.Address])
            : DashboardRule.Check(silo, isAuthenticated, Kestrel, endpoints.Select(static url => BindingAddress.Parse(url).Host));
    }
}
