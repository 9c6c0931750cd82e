using GenAI.Chats.Api.Identity;
using GenAI.Chats.Api.WebConsole;
using GenAI.Chats.Models.Routing;

namespace GenAI.Chats.Api.Hosting;

/// <summary>Prints the addresses of the server when it has started, and a first call to try. Scripts can wait for these lines.</summary>
internal static class Greeting
{
    // The model of the example.
    private const string EchoModel = "echo";

    /// <summary>Prints the greeting.</summary>
    public static void Print(WebApplication app)
    {
        // The addresses have the order of the endpoints: gRPC first.
        if (app.Urls is not { Count: > 0 } bound)
        {
            return;
        }

        var addresses = bound.Select(ToAuthority).ToList();
        var isSecure = bound.First().StartsWith(Uri.UriSchemeHttps, StringComparison.Ordinal);
        Console.WriteLine($"gRPC on {addresses[0]}" + (isSecure ? ", with TLS" : "") + (addresses.Count > 1 ? $", health on http://{addresses[1]}/healthz/ready" : ""));
        if (addresses.Count > 1 && app.Services.GetRequiredService<ConsoleServer>().IsEnabled)
        {
            Console.WriteLine($"Console on {bound.ElementAt(1).Split(':')[0]}://{addresses[1]}{ConsoleEndpoints.Path}");
        }

        if (!isSecure
            && app.Services.GetRequiredService<IOptions<ChatAuthenticationOptions>>().Value.Schemes == ChatAuthenticationSchemes.None
            && app.Services.GetService<IChatModels>()?.TryResolve(EchoModel, out _) == true)
        {
            Console.WriteLine($"Try: examples/python/first_chat.py {addresses[0]}");
        }
    }

    // As a client on this machine uses it.
    private static string ToAuthority(string address) => address[(address.IndexOf("://", StringComparison.Ordinal) + 3)..]
        .Replace("0.0.0.0:", "127.0.0.1:", StringComparison.Ordinal)
        .Replace("[::]:", "[::1]:", StringComparison.Ordinal);
}
