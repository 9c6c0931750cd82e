using System.Net.Sockets;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Silo.Clustering;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>Tells failures of a start that whoever started the server can mend from those that are defects, which keep their stack trace.</summary>
internal static class StartFailure
{
    // Values that are not of a setting's type; the binder has no exception of its own for them.
    private const string Binder = "Microsoft.Extensions.Configuration.Binder";

    /// <summary>What is to be mended, a line each; null for a defect.</summary>
    /// <param name="failure">What ended the start.</param>
    /// <param name="section">The configuration section that has the program's ports.</param>
    public static string? Explain(Exception failure, string section)
    {
        switch (failure)
        {
            case OptionsValidationException invalid:
                return string.Join(Environment.NewLine, invalid.Failures);
            case AggregateException { InnerExceptions: var several }:
                var explanations = several.Select(one => Explain(one, section)).ToList();
                return explanations.Contains(null) ? null : string.Join(Environment.NewLine, explanations.Distinct());
            case InvalidOperationException { Source: Binder }:
                return failure.Message;
            case ChatStoreException or ClusterException or OrleansConfigurationException:
                return failure.Message;
            case IOException { InnerException: AddressInUseException }:
                return $"{failure.Message} Another one: --{section}:GrpcPort=PORT --{section}:HttpPort=PORT (0: any that is free).";
            case SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse or SocketError.AddressNotAvailable }:
                return $"{failure.Message}: Orleans:SiloPort or Orleans:GatewayPort on Orleans:AdvertisedAddress. Another port: 0 is any that is free.";
            default:
                return null;
        }
    }
}
