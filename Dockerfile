# The service in one container. Its data is in /data.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
# The base image's C library must be the one that the build's native parts are for: no Alpine.
RUN UseStandIns=false dotnet publish src/Api/GenAI.Chats.Api.csproj -c Release -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
RUN mkdir /data && chown $APP_UID /data
USER $APP_UID
VOLUME /data
ENV Api__Address=0.0.0.0 Storage__Path=/data/chats.db
EXPOSE 50051 8080
ENTRYPOINT ["dotnet", "GenAI.Chats.Api.dll"]
